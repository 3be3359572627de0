package runtime

import (
	"net/url"
	"strings"
	"time"
)

// Formats are the string formats of the contract that we check, by their JSON Schema names. Each
// function says what is wrong with a text, or "".
var Formats = map[string]func(text string) (issue string){
	"date":      dateIssue,
	"date-time": dateTimeIssue,
	"email":     emailIssue,
	"uri":       uriIssue,
}

// dateIssue accepts the calendar dates of RFC 3339 from 0001-01-01 to 9999-12-31.
func dateIssue(text string) string {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || len(text) != len(time.DateOnly) || day.Year() < 1 {
		return "must be a calendar date such as 2026-05-19"
	}
	return ""
}

// dateTimeIssue accepts RFC 3339 with T and Z in capitals, years 0001 to 9999, at most nine
// fractional digits and any offset.
func dateTimeIssue(text string) string {
	if strings.IndexByte(text, ' ') == len(text)-len("00:00")-1 && len(text) > len("2006-01-02T") {
		return "must be an RFC 3339 time such as 2026-05-19T14:23:14Z: in a query, send the plus sign as %2B"
	}
	if _, ok := parseDateTime(text); !ok {
		return "must be an RFC 3339 time such as 2026-05-19T14:23:14Z"
	}
	return ""
}

// parseDateTime is strict where time.Parse is not: that takes one-digit hours, a comma before the
// fraction, more digits than it keeps, and offsets of 24 hours. Years are judged in UTC, which is
// what we answer in.
func parseDateTime(text string) (time.Time, bool) {
	const seconds, fraction, offset = len("2006-01-02T15:04:05"), len(".999999999"), len("+00:00")
	if len(text) <= seconds || text[13] != ':' || strings.Contains(text, ",") {
		return time.Time{}, false
	}
	zone := 1 // Z
	if text[len(text)-1] != 'Z' {
		zone = offset
	}
	if len(text) > seconds+fraction+zone || zone == offset && text[len(text)-5:len(text)-3] > "23" {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return time.Time{}, false
	}
	return at, true
}

// emailIssue accepts one @ with something on both sides and no blanks: whether an address exists,
// only a message to it can tell.
func emailIssue(text string) string {
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") || len(text) > 254 || hasBlank(text) {
		return "must be an e-mail address such as ada@example.com"
	}
	return ""
}

// uriIssue accepts absolute http and https addresses.
func uriIssue(text string) string {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" || hasBlank(text) {
		return "must be an absolute address such as https://example.com/page"
	}
	return ""
}

// hasBlank reports whether text contains white space or a control character.
func hasBlank(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f && r <= 0xa0 })
}
