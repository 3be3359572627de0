# What everything here is run with. `make help` lists the targets.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Pure Go, so that one command builds for any machine without a C compiler. (make test turns it on for the race detector.)
export CGO_ENABLED := 0
# Redocly asks home for neither statistics nor newer versions.
export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true

FUZZTIME    ?= 1m
FAULTS_TIME ?= 3m
DOCS_DIR    ?= bin/docs

# The interactive viewer of the docs, and what its package at npm must be.
SWAGGER_UI     := 5.35.0
SWAGGER_UI_SUM := sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==

REDOCLY   := openapi/node_modules/.bin/redocly
SAMPLES   := tools/contractgen/samples/ts
LINT      := go tool -modfile=tools/lint/go.mod golangci-lint
GATES     := go run ./tools/contractgates
GENERATED := gen openapi/tbc-v1.yaml openapi/tbc-v1.oas30.yaml openapi/CHANGELOG.md

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build and serve on http://127.0.0.1:8080 with SQLite under ./data
	@exec bin/tbc serve

.PHONY: build
build: bin/tbc bin/tbc-receiver bin/tbc-export ## build bin/tbc, bin/tbc-receiver and bin/tbc-export

# Always asked: the go command knows best what has changed, and takes a second to find that nothing has.
.PHONY: bin/tbc bin/tbc-receiver bin/tbc-export
bin/tbc:
	go build -o $@ ./server/cmd/tbc

bin/tbc-receiver:
	go build -o $@ ./tools/tbc-receiver

bin/tbc-export:
	go build -o $@ ./tools/tbc-export

.PHONY: recipes
recipes: ## build the recipes for webhooks, and the stand-ins to try them with, into bin/recipes
	go build -o bin/recipes/ ./tools/recipes/...

.PHONY: test
test: ## all tests on both databases with the race detector, and a verdict over what they saw
	go build -o bin/testenv ./tools/testenv
	bin/testenv test

.PHONY: drift
drift: ## run the server's tests, and hold what they saw against the contract as make test does
	go build -o bin/testenv ./tools/testenv
	bin/testenv drift

.PHONY: screens
screens: ## walk through the dashboard in Chromium and write a picture of each step to server/dashboard/screens
	go build -o bin/testenv ./tools/testenv
	TBC_SCREENS=$(CURDIR)/server/dashboard/screens bin/testenv test -count=1 -run 'TestWalk.*/sqlite' ./server/browsertest

.PHONY: generate
generate: $(REDOCLY) ## bundle the contract and generate everything from it, the changelog of what is not released included
	$(REDOCLY) bundle openapi/v1/openapi.yaml --output openapi/tbc-v1.yaml
	go generate ./openapi
	$(GATES) changelog

.PHONY: verify
verify: ## regenerate from nothing, fail on any difference, and pass the contract's gates
	@rm -rf bin/gen && mkdir -p bin && mv gen bin/gen
	@$(MAKE) generate || { rm -rf gen; mv bin/gen gen; echo "the contract could not be generated from; gen/ is as it was"; exit 1; }
	@rm -rf bin/gen
	$(GATES) check
	@changed=$$(git status --porcelain -- $(GENERATED)); if [ -n "$$changed" ]; then \
		git --no-pager diff -- $(GENERATED); \
		echo "generated files differ from what is committed (run make generate and commit):"; \
		echo "$$changed"; exit 1; fi
	go mod verify
	go mod tidy -diff
	$(REDOCLY) lint --config openapi/redocly.yaml openapi/tbc-v1.yaml
	$(MAKE) contract samples

.PHONY: gates
gates: $(REDOCLY) ## refuse what breaks clients of the released contract, and a version or changelog that does not say what changed
	$(GATES) check

.PHONY: release-contract
release-contract: $(REDOCLY) ## make the present contract the released one, once the gates accept it (the very first: FIRST=yes)
	$(GATES) $(if $(FIRST),-first) release

.PHONY: samples
samples: $(SAMPLES)/node_modules/.bin/tsc ## check the TypeScript of the reference against the contract's types
	go run ./$(SAMPLES) > $(SAMPLES)/samples.ts
	cd $(SAMPLES) && node_modules/.bin/openapi-typescript $(CURDIR)/openapi/tbc-v1.yaml --output tbc-v1.d.ts
	cd $(SAMPLES) && node_modules/.bin/tsc --project .

.PHONY: clients
clients: ## make a client in five languages in bin/clients, and print which compile and conform
	go run ./tools/clients

.PHONY: docs
docs: bin/tbc ## write the documentation as a folder, DOCS_DIR (default bin/docs), whose code calls DOCS_BASE_URL
	bin/tbc docs --base-url "$(DOCS_BASE_URL)" $(DOCS_DIR)

.PHONY: contract
contract: ## print the contract's sheet, failing below 100 %
	go run ./tools/contractsheet openapi/tbc-v1.yaml

.PHONY: lint
lint: ## run the linters, the import arrows included
	$(LINT) run ./...

.PHONY: bench
bench: ## print every promised figure beside its floor
	go build -o bin/bench ./tools/bench
	bin/bench

.PHONY: faults
faults: ## kill servers, databases and connections, and hold a ledger, FAULTS_TIME (default 3m) in all
	go build -o bin/faults ./tools/faults
	bin/faults -time $(FAULTS_TIME)

.PHONY: fuzz
fuzz: ## run all fuzz targets, FUZZTIME (default 1m) in all
	go build -o bin/testenv ./tools/testenv
	bin/testenv fuzz -time $(FUZZTIME)

# What is served is committed, so that building needs Go alone. The package is unpacked, never installed: no script of it runs.
.PHONY: explorer
explorer: ## fetch the pinned version of the docs' interactive viewer anew
	@to=$(CURDIR)/server/docs/explorer/dist; from=$$(mktemp -d); trap 'rm -rf "$$from"' EXIT; cd "$$from"; \
	npm pack --silent swagger-ui-dist@$(SWAGGER_UI) > /dev/null; \
	sum=sha512-$$(openssl dgst -sha512 -binary swagger-ui-dist-$(SWAGGER_UI).tgz | openssl base64 -A); \
	if [ "$$sum" != "$(SWAGGER_UI_SUM)" ]; then echo "swagger-ui-dist $(SWAGGER_UI) is $$sum, not what the Makefile says"; exit 1; fi; \
	tar xzf swagger-ui-dist-$(SWAGGER_UI).tgz; cd package; \
	for name in swagger-ui-bundle.js swagger-ui.css; do gzip -9nc $$name > $$to/$$name.gz; done; \
	cp LICENSE $$to/LICENSE.txt; cp NOTICE $$to/NOTICE.txt; cp swagger-ui-bundle.js.LICENSE.txt $$to/

.PHONY: clean
clean: ## remove what was built or fetched, never ./data
	rm -rf bin openapi/node_modules $(SAMPLES)/node_modules

# The contract's Node tools at their pinned versions, for those who edit the contract and for make test. The copy of
# the lock tells tools/testenv that they are in place.
$(REDOCLY): openapi/package.json openapi/package-lock.json
	npm ci --prefix openapi --no-audit --no-fund
	@cp openapi/package-lock.json openapi/node_modules/.installed-lock.json
	@touch $@

$(SAMPLES)/node_modules/.bin/tsc: $(SAMPLES)/package.json $(SAMPLES)/package-lock.json
	npm ci --prefix $(SAMPLES) --no-audit --no-fund
	@touch $@
