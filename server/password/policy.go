package password

import (
	_ "embed" // the list of common passwords
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/thebigclass/api/store"
)

// What a password may be. There is no rule on which characters: length is what counts.
const (
	MinCharacters = 12
	maxBytes      = 1024
	// fewest different characters: a password of one character repeated is as bad as a short one.
	fewest = 5
)

//go:embed common.txt
var commonText string

// common are the passwords of common.txt, folded.
var common = sync.OnceValue(func() map[string]bool {
	list := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "#") {
			list[word] = true
		}
	}
	return list
})

// Check says whether a new password is good enough; the error is a *store.Invalid that its author can act on.
func Check(password string) error {
	if len(password) > maxBytes {
		return refuse("must be at most %d bytes long", maxBytes)
	}
	if !utf8.ValidString(password) {
		return refuse("must be text")
	}
	plain := norm.NFKC.String(password)
	if utf8.RuneCountInString(plain) < MinCharacters {
		return refuse("must be at least %d characters long: a few words are easy to remember", MinCharacters)
	}
	different := map[rune]bool{}
	for _, character := range plain {
		different[character] = true
	}
	if len(different) < fewest {
		return refuse("must have at least %d different characters", fewest)
	}
	if common()[cases.Fold().String(strings.TrimSpace(plain))] {
		return refuse("is one that many people use, and so the first to be tried: think of another")
	}
	return nil
}

func refuse(format string, args ...any) error {
	return &store.Invalid{Field: "/password", Issue: fmt.Sprintf(format, args...)}
}
