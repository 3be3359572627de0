package runtime

import (
	"strings"
	"unicode/utf8"
)

// details collects the violations of one request, at most maxDetails of them: past that a reader
// learns nothing more, and a hostile body could make an answer many times its own size.
type details struct {
	list []ErrorDetail
}

// add records that field violates the contract. Values are never part of an issue: they may be
// secret or huge. Names of members and parameters are the caller's own, so they are cut and cleaned.
func (d *details) add(field, issue string) {
	if len(d.list) < maxDetails {
		d.list = append(d.list, ErrorDetail{Field: bounded(field, maxFieldLength), Issue: bounded(issue, maxIssueLength)})
	}
}

// bounded cuts text to as many characters as the contract allows and makes it valid UTF-8.
func bounded(text string, limit int) string {
	if len(text) <= limit && utf8.ValidString(text) {
		return text
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
