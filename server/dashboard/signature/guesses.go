package signature

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/thebigclass/api/webhooks"
)

// guess tries what commonly happens to bodies and secrets, and says which of it
// would make the signature match.
func (e *examination) guess() []string {
	var hints []string
	for _, m := range mistakes {
		body, secret := m.body, m.secret
		if body == nil {
			body = same
		}
		if secret == nil {
			secret = same
		}
		tried, key := body(e.body), secret(e.secret)
		if (tried != e.body || key != e.secret) && key != "" &&
			webhooks.Verify(e.header, []byte(tried), e.signedAt, key) == nil {
			hints = append(hints, m.text)
		}
	}
	if len(hints) > 0 {
		return hints
	}
	return []string{
		"The secret is of another endpoint, or was replaced since: every endpoint has its own, and after a rotation the old one ends.",
		"The body is not the bytes that were sent: compare it with the request on the page of the delivery, which shows them.",
	}
}

// mistake is a way in which what was pasted can differ from what was sent.
type mistake struct {
	body, secret func(string) string
	text         string
}

var mistakes = []mistake{
	{secret: strings.TrimSpace, text: "There is a space or a line end around the secret: without it the signature matches. Look at how the secret is put into the environment."},
	{secret: unquoted, text: "The secret is in quotes: without them the signature matches."},
	{secret: func(s string) string { return "whsec_" + s }, text: "The secret lacks its beginning: with whsec_ before it the signature matches."},
	{secret: func(s string) string { return strings.TrimPrefix(s, "whsec_") }, text: "The signature matches without whsec_: whoever made it left the beginning of the secret out."},
	{body: func(s string) string { return strings.TrimRight(s, "\r\n") }, text: "There is a line end after the body: without it the signature matches. Tools that print a body often add one."},
	{body: func(s string) string { return s + "\n" }, text: "The signature matches with a line end after the body: it was lost on the way here."},
	{body: func(s string) string { return strings.TrimPrefix(s, "\uFEFF") }, text: "The body begins with a byte order mark: without it the signature matches."},
	{body: strings.TrimSpace, text: "There is white space around the body: without it the signature matches."},
	{body: compacted, text: "The body was parsed and printed again: with its white space taken out the signature matches. Verify the raw bytes, before anything parses them."},
	{body: reprinted, text: "The body was parsed and printed again: its white space or the way its characters are escaped has changed. Verify the raw bytes, before anything parses them."},
	{body: unwrapped, text: "The body is a JSON text within a JSON text: unwrapped once the signature matches."},
}

func same(text string) string { return text }

func unquoted(text string) string {
	for _, quote := range []string{`"`, "'"} {
		if len(text) > 1 && strings.HasPrefix(text, quote) && strings.HasSuffix(text, quote) {
			return text[1 : len(text)-1]
		}
	}
	return text
}

// compacted is JSON without white space; all else stays.
func compacted(text string) string {
	var out bytes.Buffer
	if json.Compact(&out, []byte(text)) != nil {
		return text
	}
	return out.String()
}

// unwrapped is what a JSON string says.
func unwrapped(text string) string {
	var inner string
	if json.Unmarshal([]byte(text), &inner) != nil {
		return text
	}
	return inner
}

// reprinted writes JSON as we do: compact, in its own order, with no character
// escaped that need not be.
func reprinted(text string) string {
	if !json.Valid([]byte(text)) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		end := i + 1
		switch {
		case text[i] == '"':
			end = i + stringEnd(text[i:])
			out.WriteString(plain(text[i:end]))
		case strings.ContainsRune(" \t\r\n", rune(text[i])):
		default:
			out.WriteByte(text[i])
		}
		i = end
	}
	return out.String()
}

// stringEnd is the length of the JSON string that text begins with.
func stringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// plain is a JSON string in its shortest form.
func plain(literal string) string {
	var value string
	if json.Unmarshal([]byte(literal), &value) != nil {
		return literal
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return literal
	}
	return strings.TrimSuffix(out.String(), "\n")
}
