package drift_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/testenv/drift"
	"github.com/thebigclass/api/tools/testenv/traffic"
)

// exchange is a call and its answer. A request without "-" in key carries one.
type exchange struct {
	call   string // method and target
	status int
	media  string
	body   string
	wants  string // a part of the problem that the judge names; "" is none
	header string // sent beside the key; "-" is no key and nothing
}

// envelope is an error as the contract has it.
const envelope = `{"error":{"code":"not_found","message":"Nothing is here.","requestId":"01KJPZVGWRZXZ0ACWBA7XXJ98H"}}`

const (
	me = `{"data":{"key":{"id":"key_01KJPZVGWRZXZ0ACWBA7XXJ98H","name":"CRM","scopes":["read:courses"],"expiresAt":null},` +
		`"workspace":{"id":"org_01KJPZVGWRZXZ0ACWBA7XXJ98H","name":"School","timeZone":"Asia/Kolkata","currency":"INR"},` +
		`"rateLimits":{"minute":{"limit":60,"remaining":59,"reset":1771000000},"day":{"limit":1000,"remaining":999,"reset":1771000000}}}}`
	noEvents = `{"data":[],"pagination":{"nextCursor":null,"hasMore":false,"limit":25}}`
	asJSON   = "application/json"
)

// sloppy is what a server must not do, one thing each.
var sloppy = []exchange{
	{"GET /me", 200, asJSON, strings.Replace(me, `"name":"CRM"`, `"name":"CRM","owner":"x"`, 1), `undocumented field "data.key.owner"`, ""},
	{"GET /me", 200, asJSON, strings.Replace(me, `"remaining":59`, `"remaining":"59"`, 1), `"data.rateLimits.minute.remaining" must be integer`, ""},
	{"GET /me", 200, asJSON, strings.Replace(me, `,"currency":"INR"`, ``, 1), `missing required field "data.workspace.currency"`, ""},
	{"GET /me", 200, asJSON, `{`, "not valid JSON", ""},
	{"GET /me", 200, asJSON, "", "The body is missing", ""},
	{"GET /me", 202, asJSON, me, "Undocumented status: 202", ""},
	{"GET /me", 304, "", me, "Undocumented body", ""},
	{"GET /students", 500, asJSON, `{"message":"boom"}`, `missing required field "error"`, ""},
	{"GET /students", 500, "text/plain", "boom", `Undocumented media type: "text/plain"`, ""},
	{"GET /students/x", 404, asJSON, strings.Replace(envelope, "not_found", "gone", 1), `"error.code" has a value outside`, ""},
	{"GET /students/x", 410, asJSON, envelope, "Undocumented status: 410", ""},
	{"GET /courses/x/secret", 200, asJSON, me, "Undocumented endpoint: GET /api/v1/courses/x/secret", ""},
	{"GET /courses/x/broken", 500, asJSON, envelope, "Undocumented endpoint: GET /api/v1/courses/x/broken", ""},
	{"PUT /students", 422, asJSON, envelope, "Undocumented endpoint: PUT /api/v1/students", ""},
	{"GET /admin", 403, asJSON, envelope, "Undocumented endpoint: GET /api/v1/admin", ""},
	{"GET /events?debug=1", 200, asJSON, noEvents, `Undocumented query parameter in traffic: "debug"`, ""},
	{"GET /events?limit=1000", 200, asJSON, noEvents, `Invalid query parameter "limit"`, ""},
	{"GET /events", 200, asJSON, noEvents, `Undocumented header in traffic: "x-debug"`, "X-Debug"},
	{"GET /events", 200, asJSON, noEvents, "does not satisfy documented OpenAPI security requirements", "-"},
	{"GET /orders", 401, asJSON, `{"message":"who?"}`, `/api/v1/orders answered 401: Response is missing required field "error"`, "-"},
	{"GET /orders", 422, asJSON, `{"message":"no"}`, `/api/v1/orders answered 422: Response is missing required field "error"`, ""},
}

// decent is what tests do to a server on purpose, rightly refused, and one answer as it should be.
var decent = []exchange{
	{"GET /me", 200, asJSON, me, "", ""},
	{"GET /me", 304, "", "", "", ""},
	{"GET /recordings", 401, asJSON, envelope, "", "-"},
	{"GET /recordings?nobody=1", 422, asJSON, envelope, "", ""},
	{"GET /recordings", 422, asJSON, envelope, "", "Content-Encoding"},
	{"POST /recordings", 405, asJSON, envelope, "", ""},
	{"GET /nowhere", 404, asJSON, envelope, "", ""},
	{"GET /nowhere", 401, asJSON, envelope, "", "-"},
	{"GET /nowhere", 429, asJSON, envelope, "", ""},
	{"POST /certificates", 422, asJSON, envelope, "", ""},
}

// record writes exchanges down as the tests of the server do.
func record(t *testing.T, exchanges ...exchange) string {
	t.Helper()
	folder := t.TempDir()
	recorder, err := traffic.New(folder, "sloppy")
	if err != nil {
		t.Fatal(err)
	}
	defer recorder.Close()
	for _, e := range exchanges {
		method, target, _ := strings.Cut(e.call, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8080/api/v1"+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e.header != "-" {
			r.Header.Set("Authorization", "Bearer x")
		}
		if e.header != "" && e.header != "-" {
			r.Header.Set(e.header, "x")
		}
		header := http.Header{}
		if e.media != "" {
			header.Set("Content-Type", e.media)
		}
		if err := recorder.Record(r, e.status, header, []byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// judge runs the real redocly, as openapi/package-lock.json pins it.
func judge(t *testing.T, folder string) (*drift.Verdict, error) {
	t.Helper()
	program := filepath.Join("..", "..", "..", filepath.FromSlash(drift.Program))
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("redocly is not installed (%v): run npm ci --prefix openapi, or make test, which does", err)
	}
	return drift.Judge{Contract: openapi.Bundle, Redocly: program}.Over(t.Context(), folder)
}

// Everything that a sloppy server does is named, and nothing that it refuses rightly: neither hides the other, though
// a path that is rightly refused once and then answered is one problem to redocly's own summary.
func TestJudge_NamesWhatASloppyServerDoes(t *testing.T) {
	t.Parallel()
	again := exchange{"GET /nowhere", 200, asJSON, me, "/api/v1/nowhere answered 200: Undocumented endpoint", ""}
	verdict, err := judge(t, record(t, append(append(decent, sloppy...), again)...))
	if err != nil {
		t.Fatal(err)
	}
	problems := verdict.Problems()
	all := strings.Join(problems, "\n")
	for _, e := range append(sloppy, again) {
		if !strings.Contains(all, e.wants) {
			t.Errorf("%s answered %d with %s: nobody says %s", e.call, e.status, e.body, e.wants)
		}
	}
	for _, want := range []string{"no test calls createStudent", " of 369 response codes were seen, want 90 %"} {
		if !strings.Contains(all, want) {
			t.Errorf("nobody says %q", want)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
}

// What is refused on purpose is no finding: only that most of the contract has not been seen is left to say.
func TestJudge_ExcusesRequestsThatWereRefused(t *testing.T) {
	t.Parallel()
	verdict, err := judge(t, record(t, decent...))
	if err != nil {
		t.Fatal(err)
	}
	if len(verdict.Findings) != 0 || verdict.Refused == 0 || verdict.Exchanges != len(decent) {
		t.Errorf("%d of %d exchanges were refused, findings are %v", verdict.Refused, verdict.Exchanges, verdict.Findings)
	}
	var out strings.Builder
	verdict.Print(&out)
	for _, want := range []string{"drift: 10 exchanges in 1 files, 0 findings (6 more are", "  operations       5 %  3 of 51\n", "  response codes   1 %  5 of 369\n", "  parameters ",
		"  properties ", "getMe 401, 403, 422, 429, 500;"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it prints %s, want %q", out.String(), want)
		}
	}
}

// A verdict over nothing would be a good one.
func TestJudge_NothingRecordedIsAnError(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{"no file": t.TempDir(), "no exchange": record(t)} {
		if _, err := judge(t, folder); err == nil || !strings.Contains(err.Error(), "nothing was recorded") {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.har"), []byte(`{"log": {`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := judge(t, broken); err == nil || !strings.Contains(err.Error(), "a.har") {
		t.Errorf("a broken file: %v", err)
	}
}

// The parts of an allOf are merged so that the whole can be closed. What that would change the meaning of is refused.
func TestJudge_AContractThatCannotBeClosedIsAnError(t *testing.T) {
	t.Parallel()
	contract := `{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": {"allOf": [{"not": {}}]}}}}`
	j := drift.Judge{Contract: []byte(contract), Redocly: "unused"}
	if _, err := j.Over(t.Context(), record(t, decent...)); err == nil || !strings.Contains(err.Error(), "a part with not") {
		t.Errorf("got %v", err)
	}
}

// A judge that cannot judge says so, and what to install.
func TestJudge_MissingProgramsAreSentences(t *testing.T) {
	folder := record(t, decent...)
	j := drift.Judge{Contract: openapi.Bundle, Redocly: filepath.Join(folder, "none")}
	if _, err := j.Over(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "made no report") {
		t.Errorf("without redocly: %v", err)
	}
	t.Setenv("PATH", folder)
	if _, err := j.Over(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "needs Node.js") {
		t.Errorf("without node: %v", err)
	}
}
