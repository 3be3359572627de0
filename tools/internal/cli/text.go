package cli

import (
	"strings"
	"unicode"
)

// Printable keeps texts that others wrote from steering the terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\ufffd'
	}, text)
}

// Visible reports whether a text has ASCII characters alone, and no space.
func Visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}
