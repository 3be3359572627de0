package difftest

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/thebigclass/api/gen"
)

// FuzzBody compares the validators on request bodies. which chooses the operation.
func FuzzBody(f *testing.F) {
	operations := operationsWith(func(op gen.Operation) bool { return compiled.bodies[op.ID] != nil })
	for which := range operations {
		for _, body := range append(flawedBodies(), bodySeeds...) {
			f.Add(byte(which), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		if body == nil {
			body = []byte{}
		}
		compare(t, request{op: operations[int(which)%len(operations)], body: body}, beyondBody(body))
	})
}

// FuzzQuery compares the validators on query strings. which chooses the operation.
func FuzzQuery(f *testing.F) {
	operations := operationsWith(func(op gen.Operation) bool { return compiled.bodies[op.ID] == nil })
	for which := range operations {
		for _, query := range querySeeds {
			f.Add(byte(which), query)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, query string) {
		op := operations[int(which)%len(operations)]
		compare(t, request{op: op, query: query}, beyondQuery(op, query))
	})
}

func operationsWith(wanted func(gen.Operation) bool) (list []*gen.Operation) {
	for i := range gen.Operations {
		if wanted(gen.Operations[i]) {
			list = append(list, &gen.Operations[i])
		}
	}
	return list
}

// compare fails if ours accepts what a rule beyond the schema refuses, or, without such a rule, if
// ours and an oracle disagree and that is not a fault which the oracle is known to have.
func compare(t *testing.T, r request, beyond string) {
	t.Helper()
	value, issues := r.ours()
	checkIssues(t, issues)
	if beyond != "" {
		if len(issues) == 0 {
			t.Fatalf("%s %q %q was accepted, which must be refused: %s", r.op.ID, r.query, r.body, beyond)
		}
		return
	}
	for _, oracle := range oracles {
		err := oracle.judge(r)
		if (err == nil) != (len(issues) == 0) && !isKnownFault(oracle.name, r) {
			t.Errorf("%s %q %q: ours %v, %s %v", r.op.ID, r.query, r.body, issues, oracle.name, err)
		}
	}
	if len(issues) == 0 && r.body != nil {
		checkDecoded(t, r.body, value)
	}
}

// checkDecoded wants the value that the standard library decodes.
func checkDecoded(t *testing.T, body []byte, value any) {
	t.Helper()
	want := reflect.New(reflect.TypeOf(value))
	if err := json.Unmarshal(body, want.Interface()); err != nil {
		t.Fatalf("%q was accepted, but does not decode: %v", body, err)
	}
	got, _ := json.Marshal(value)
	expected, _ := json.Marshal(want.Interface())
	if string(got) != string(expected) {
		t.Errorf("%q was decoded to %s, not %s", body, got, expected)
	}
}

// checkIssues wants what the contract says of details: at most 100, none empty, none long.
func checkIssues(t *testing.T, issues []gen.ErrorDetail) {
	t.Helper()
	if len(issues) > 100 {
		t.Errorf("%d details", len(issues))
	}
	for _, detail := range issues {
		if detail.Issue == "" || len(detail.Issue) > 1000 || utf8.RuneCountInString(detail.Field) > 1000 || !utf8.ValidString(detail.Field) {
			t.Errorf("detail %+v", detail)
		}
	}
}
