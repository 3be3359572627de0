package main

import (
	"strings"
	"testing"
)

// An answer lists its members as the contract does, comments and optional fields included.
func TestOrderFields_FollowsTheContract(t *testing.T) {
	t.Parallel()
	source := "package gen\n\ntype Thing struct {\n\t// Amount in paisa.\n\tAmount int `json:\"amount\"`\n\n" +
		"\t// ID of it.\n\tID string `json:\"id\"`\n\tNote *string `json:\"note,omitempty\"`\n}\n\ntype Other struct {\n\tB int `json:\"b\"`\n\tA int `json:\"a\"`\n}\n"
	orders := map[string][]string{setOf([]string{"id", "note", "amount"}): {"id", "note", "amount"}}
	ordered, err := orderFields([]byte(source), orders)
	if err != nil {
		t.Fatal(err)
	}
	text := string(ordered)
	var last int
	for _, want := range []string{"// ID of it.", "json:\"id\"", "json:\"note,omitempty\"", "// Amount in paisa.", "json:\"amount\"", "json:\"b\"", "json:\"a\""} {
		at := strings.Index(text, want)
		if at < last {
			t.Errorf("%s is out of order in:\n%s", want, text)
		}
		last = at
	}
	again, err := orderFields(ordered, orders)
	if err != nil || string(again) != text {
		t.Errorf("ordering twice differs from ordering once (error %v)", err)
	}
}
