package runtime

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// stringRules is what the contract asks of a string. Lengths are in characters, as JSON Schema
// counts them.
type stringRules struct {
	min, max int // max 0: unbounded
	oneOf    []string
	pattern  *regexp.Regexp
	format   func(text string) (issue string)
}

// issue says what is wrong with text, or "". Only the first fault is told: the others mostly follow from it.
func (r *stringRules) issue(text string) string {
	if r.oneOf != nil && !slices.Contains(r.oneOf, text) {
		return "must be one of " + strings.Join(r.oneOf, ", ")
	}
	if issue := r.lengthIssue(text); issue != "" {
		return issue
	}
	if r.format != nil {
		if issue := r.format(text); issue != "" {
			return issue
		}
	}
	if r.pattern != nil && !r.pattern.MatchString(text) {
		return "must match the pattern " + r.pattern.String()
	}
	return ""
}

// lengthIssue counts characters only where bytes cannot tell: n bytes are at most n characters and
// at least a quarter of them.
func (r *stringRules) lengthIssue(text string) string {
	if len(text) >= 4*r.min && (r.max == 0 || len(text) <= r.max) {
		return ""
	}
	length := utf8.RuneCountInString(text)
	switch {
	case length < r.min && length == 0:
		return "must not be empty"
	case length < r.min:
		return "must have at least " + counted(r.min, "character")
	case r.max > 0 && length > r.max:
		return "must have at most " + counted(r.max, "character")
	}
	return ""
}

// counted renders "1 character", "2 characters".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
