package main

import "strings"

// A language is a client and how it is made, checked and run. Its lines are for sh, in the folder of its client.
type language struct {
	name      string // in the table
	folder    string // of its client, and of what belongs to it in tools/clients
	generator string // and its version
	needs     []need
	tools     string // what it installs first: "python", "npm" or ""
	// generate is the one command of the README. CONTRACT and CONTRACT30 stand for the contract and its 3.0 copy, FOLDER
	// for the client's folder; it runs in the root of the repository.
	generate string
	check    string // compiles or type-checks the client, the script and the example
	conform  string // runs the script
	use      string // runs the example of the README
}

// A need is a program that must be there, and what to install where it is not.
type need struct{ test, debian string }

// languages are in the order of the table.
var languages = []language{
	{
		name: "Go", folder: "go", generator: "oapi-codegen 2.8.2",
		// gen/client is this client with its fields in the contract's order; here it is made afresh and put in its place.
		generate: "go tool oapi-codegen -config FOLDER/oapi.yaml CONTRACT",
		check: "cd ROOT && go vet -overlay FOLDER/overlay.json ./gen/client ./tools/clients/go/... && " +
			"go build -overlay FOLDER/overlay.json -o FOLDER ./tools/clients/go/...",
		conform: "./conformance",
		use:     "./use",
	},
	{
		name: "TypeScript", folder: "typescript", generator: "openapi-typescript 7.13.0", tools: "npm",
		needs:    []need{{"npm --version", "npm"}, {"node --version", "nodejs"}},
		generate: "openapi-typescript CONTRACT --output FOLDER/tbc-v1.d.ts",
		check:    "tsc --project .",
		conform:  "node built/conformance.js",
		use:      "node built/use.js",
	},
	{
		name: "Python", folder: "python", generator: "openapi-python-client 0.29.1", tools: "python",
		needs: []need{{"python3 -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)'", "python3-venv"}},
		generate: "openapi-python-client generate --path CONTRACT --config tools/clients/python/config.yaml " +
			"--custom-template-path tools/clients/python/templates --meta none --output-path FOLDER/tbc --overwrite",
		check:   "mypy --strict conformance.py use.py tbc",
		conform: "python conformance.py",
		use:     "python use.py",
	},
	{
		name: "Java", folder: "java", generator: "openapi-generator 7.26.0", tools: "python",
		needs: []need{
			{"python3 -c 'import ensurepip'", "python3-venv"}, {"javac --version", "default-jdk-headless"}, {"mvn --version", "maven"},
		},
		generate: "openapi-generator-cli generate -i CONTRACT30 -c tools/clients/java/config.yaml -o FOLDER/client",
		// The generator's own code is allowed to be deprecated, unserialisable and annotated, and nothing else.
		check: "mvn -q -B -f client/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies " +
			"-DincludeScope=compile -DoutputDirectory=FOLDER/lib && rm -rf classes && " +
			"find client/src/main -name '*.java' > sources.txt && " +
			"javac -Xlint:all,-serial,-deprecation,-processing -Werror -cp 'lib/*' -d classes *.java @sources.txt",
		conform: "java -cp 'classes:lib/*' Conformance",
		use:     "java -cp 'classes:lib/*' Use",
	},
	{
		name: "PHP", folder: "php", generator: "openapi-generator 7.26.0", tools: "python",
		needs: []need{
			{"python3 -c 'import ensurepip'", "python3-venv"}, {"java --version", "default-jdk-headless"},
			{"php --version", "php-cli"}, {"php -r 'exit(extension_loaded(\"mbstring\") ? 0 : 1);'", "php-mbstring"},
			{"php -r 'exit(extension_loaded(\"curl\") ? 0 : 1);'", "php-curl"},
			{"test -e /usr/share/php/GuzzleHttp/autoload.php", "php-guzzlehttp-guzzle"},
		},
		generate: "openapi-generator-cli generate -i CONTRACT30 -c tools/clients/php/config.yaml -o FOLDER/client",
		check:    "php load.php",
		conform:  "php conformance.php",
		use:      "php use.php",
	},
}

// command is the one that makes the client, for a contract and a folder.
func (l language) command(contract, folder string) string {
	copy30 := strings.TrimSuffix(contract, ".yaml") + ".oas30.yaml"
	return strings.NewReplacer("CONTRACT30", copy30, "CONTRACT", contract, "FOLDER", folder).Replace(l.generate)
}
