package store

import "testing"

// Erasing one person must not forget the answers of another, whose repeats would then be carried out twice.
func TestMentions_WholeAddressesAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"email":"ann@example.com"}`:                   true,
		`{"email":"joann@example.com"}`:                 false,
		`{"email":"ann@example.com.au"}`:                false,
		`{"note":"Write to ann@example.com."}`:          true,
		`{"note":"joann@example.com, ann@example.com"}`: true,
		`{"note":"Hello\nann@example.com\nBye"}`:        true,
		`{"note":"\u003cann@example.com\u003e"}`:        true,
		`{}`:                                            false,
	} {
		if got := mentions(unescaped.Replace(text), "ann@example.com"); got != want {
			t.Errorf("%s mentions ann@example.com: %t, want %t", text, got, want)
		}
	}
}
