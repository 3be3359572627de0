package server

import (
	"net/http"
	"testing"
)

func TestMatchesTag_ReadsListsAndIgnoresStar(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]bool{
		`"a"`:             true,
		`W/"a"`:           true,
		`"b", "a"`:        true,
		`"b","a"`:         true,
		`"b,a", "a"`:      true,
		` , "b",, W/"a" `: true,
		`*`:               false,
		`"b"`:             false,
		`a`:               false,
		`"a`:              false,
		`"aa"`:            false,
		`"b" x "a"`:       false,
		``:                false,
		`*, "a"`:          false,
	} {
		h := http.Header{"If-None-Match": {sent}}
		if got := matchesTag(h, `"a"`); got != want {
			t.Errorf("%s: got %v", sent, got)
		}
	}
	if !matchesTag(http.Header{"If-None-Match": {`"x"`, `"a"`}}, `"a"`) {
		t.Error("the second line was not read")
	}
}
