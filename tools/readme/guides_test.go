package readme

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refusals are the calls of a guide whose answer is meant to be no 2xx, as statuses.
var refusals = map[string][]int{
	"errors":                 {422, 422},
	"pagination-and-syncing": {304},
}

// printed are what a reader sees beside the answers, in this order.
var printed = map[string][]string{
	"quickstart":             {`^stu_`, `"status":"active"`, `^X-RateLimit-Remaining: `},
	"authentication":         {`"key":{"id":"key_`},
	"pagination-and-syncing": {`"limit":3`, `^42 students$`, `"deletedAt"`, `^41 students$`, `^304$`},
	"rate-limits":            {`^X-RateLimit-Daily-Limit: 1000`, `'minute': {'limit': 60`},
	"errors":                 {`"field":"limit"`, `"field":"/tags/1"`, `^X-Request-Id: nightly-sync-0042`},
	"idempotency":            {`^HTTP/1.1 201`, `^HTTP/1.1 201`, `^Idempotent-Replayed: true`},
	"webhooks": {`webhook\.test +evt_`, `student\.created +evt_.*Kiran`, `"responseBody"`, `student\.updated +evt_.*Kiran Das`,
		`"total":2`, `"status":"disabled"`, `"status":"active"`, `webhook\.test +evt_`, `"oldSecretExpiresAt":null`, `"deletedAt"`},
	"verifying-signatures": {`^ok$`},
	"versioning":           {`^nothing here is deprecated$`, `^openapi: 3\.1\.0`},
}

// Every guide's shell blocks do what the guide says, pasted in its order, against a server of their own that was
// started as make run starts it. Only the addresses are others, free ones; and a second of waiting is three here,
// since other tests run beside this one.
func TestGuides_TheShellBlocksRunAsPasted(t *testing.T) {
	t.Parallel()
	build(t)
	programs := root(t)
	guides := readGuides(t)
	if got, want := slices.Sorted(maps.Keys(guides)), slices.Sorted(maps.Keys(printed)); !slices.Equal(got, want) {
		t.Fatalf("the guides are %q, and what they print is known of %q", got, want)
	}
	for name, g := range guides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, api := t.TempDir(), freeAddress(t)
			addresses := strings.NewReplacer("127.0.0.1:8080", api, "127.0.0.1:8090", freeAddress(t), "sleep 1\n", "sleep 3\n",
				"bin/", programs+"/bin/")
			server := openIn(t, folder, "exec "+programs+"/bin/tbc serve",
				"TBC_ADDR="+api, "DATABASE_URL=sqlite:"+filepath.Join(folder, "tbc.db"), "TBC_LOG_FORMAT=json")
			found, _ := server.await(`^ +(tbc_[0-9A-Za-z]{36})$`)
			g.save(t, folder, addresses)
			// What the guide starts in the background ends with it, also if it fails half-way.
			reader := openIn(t, folder, "trap 'kill ${RECEIVER:-} 2>&- || :' EXIT\n"+addresses.Replace(g.script()), "TBC_KEY="+found[1])
			for _, pattern := range printed[name] {
				reader.await(pattern)
			}
			if err := reader.wait(); err != nil {
				t.Errorf("the blocks end with %v: %s", err, reader.errs)
			}
			server.close()
			wantCalls(t, server.errs.String(), strings.Count(g.script(), "/api/v1/"), refusals[name])
		})
	}
}

// wantCalls reads the server's log: a refusal that the guide does not speak of is a mistake in the guide.
func wantCalls(t *testing.T, log string, least int, refused []int) {
	t.Helper()
	var refusals []string
	calls := 0
	for entry := range strings.Lines(log) {
		var request struct {
			Msg, Method, Route string
			Status             int
		}
		if json.Unmarshal([]byte(entry), &request) != nil || request.Msg != "request" {
			continue
		}
		calls++
		if request.Status < 200 || request.Status > 299 {
			if i := slices.Index(refused, request.Status); i >= 0 {
				refused = slices.Delete(slices.Clone(refused), i, i+1)
				continue
			}
			refusals = append(refusals, fmt.Sprintf("%s %s %d", request.Method, request.Route, request.Status))
		}
	}
	if len(refusals) > 0 || len(refused) > 0 {
		t.Errorf("refused without the guide saying so: %q; the guide speaks of %v more", refusals, refused)
	}
	if calls < least {
		t.Errorf("the server had %d calls, the guide has %d addresses", calls, least)
	}
}
