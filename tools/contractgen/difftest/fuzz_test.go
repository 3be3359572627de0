package difftest

import (
	"encoding/json"
	"reflect"
	"strings"
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
		op := operations[int(which)%len(operations)]
		if len(body) == 0 && !compiled.required[op.ID] {
			compare(t, request{op: op}, "")
			return
		}
		if body == nil {
			body = []byte{}
		}
		compare(t, request{op: op, body: body}, beyondBody(body))
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

// checkDecoded wants the value that the standard library decodes. That takes null for absent even where the
// type knows both, so what we decoded goes through it once more, and the nulls are compared on their own.
func checkDecoded(t *testing.T, body []byte, value any) {
	t.Helper()
	got, expected := marshal(t, value), marshal(t, decodeAs(t, value, plainNumbers(t, body)))
	if again := marshal(t, decodeAs(t, value, got)); string(again) != string(expected) {
		t.Errorf("%q was decoded to %s, not %s", body, got, expected)
	}
	for _, name := range clearable(reflect.TypeOf(value)) {
		if sent, kept := membersOf(t, body)[name], membersOf(t, got)[name]; (string(sent) == "null") != (string(kept) == "null") {
			t.Errorf("%q: %s was sent as %s and decoded to %s", body, name, sent, kept)
		}
	}
}

// decodeAs decodes a body to another value of the same type.
func decodeAs(t *testing.T, value any, body []byte) any {
	t.Helper()
	other := reflect.New(reflect.TypeOf(value))
	if err := json.Unmarshal(body, other.Interface()); err != nil {
		t.Fatalf("%q was accepted, but does not decode: %v", body, err)
	}
	return other.Interface()
}

// plainNumbers writes whole numbers without fraction and exponent: 1.0 is an integer for JSON Schema and for us,
// but not for the standard library. What is accepted is small enough for a float64.
func plainNumbers(t *testing.T, body []byte) []byte {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	return marshal(t, wholeNumbers(value))
}

func wholeNumbers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			value[name] = wholeNumbers(member)
		}
	case []any:
		for i, item := range value {
			value[i] = wholeNumbers(item)
		}
	case float64:
		if whole := int64(value); float64(whole) == value {
			return whole
		}
	}
	return value
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// clearable lists the members of a body that are pointers to pointers.
func clearable(body reflect.Type) (names []string) {
	for i := range body.NumField() {
		field := body.Field(i)
		if field.Type.Kind() == reflect.Pointer && field.Type.Elem().Kind() == reflect.Pointer {
			names = append(names, strings.TrimSuffix(field.Tag.Get("json"), ",omitempty"))
		}
	}
	return names
}

func membersOf(t *testing.T, body []byte) (members map[string]json.RawMessage) {
	t.Helper()
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatal(err)
	}
	return members
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
