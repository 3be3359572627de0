package difftest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/thebigclass/api/gen"
)

// What the service refuses beyond its schemas, written down a second time with other means than the
// generated runtime: slower, and by the standard library. Whatever is named here must be refused.

var (
	braces        = regexp.MustCompile(`\{[^}]+\}`)
	plainInteger  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	unicodeEscape = regexp.MustCompile(`\\(u[0-9A-Fa-f]{4}|.)`)
)

// parsedQuery is the query as net/url reads it.
func parsedQuery(raw string) url.Values {
	values, _ := url.ParseQuery(raw)
	return values
}

// beyondQuery names the rule by which a query must be refused, or "".
func beyondQuery(op *gen.Operation, raw string) string {
	if raw == "" {
		return ""
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "malformed: " + err.Error()
	}
	for _, pair := range strings.Split(raw, "&") {
		if pair == "" || strings.HasPrefix(pair, "=") {
			return "a parameter without a name"
		}
	}
	known := newQueryNames(op)
	for name, list := range values {
		switch kind, found := known[name]; {
		case !found:
			return "unknown parameter"
		case len(list) > 1:
			return "repeated parameter"
		case list[0] == "":
			return "empty parameter"
		case !utf8.ValidString(list[0]) || strings.Contains(list[0], "\x00"):
			return "not UTF-8 text without NUL"
		case kind == "integer" && !plainInteger.MatchString(list[0]):
			return "an integer in another spelling than decimal digits"
		case kind == "boolean" && list[0] != "true" && list[0] != "false":
			return "a boolean in another spelling than true and false"
		}
	}
	return ""
}

// newQueryNames maps the query parameters of an operation to their types.
func newQueryNames(op *gen.Operation) map[string]string {
	names := map[string]string{}
	for name, parameter := range compiled.parameters[op.ID] {
		names[name] = parameter.kind
	}
	return names
}

var compiled = newSchemas()

// beyondBody names the rule by which a body must be refused, or "".
func beyondBody(raw []byte) string {
	switch {
	case len(raw) == 0:
		return "missing"
	case len(raw) > gen.MaxBodyBytes:
		return "too long"
	case bytes.HasPrefix(raw, []byte("\uFEFF")):
		return "byte order mark"
	case !utf8.Valid(raw):
		return "not UTF-8"
	case !json.Valid(raw):
		return "not one JSON value"
	case brokenEscape(string(raw)):
		return "NUL or half a surrogate pair"
	}
	rule, _ := structure(json.NewDecoder(bytes.NewReader(raw)), 0)
	return rule
}

// brokenEscape finds \u0000 and surrogates that are not a pair. In valid JSON a backslash stands
// only in strings, so that a regular expression can walk from escape to escape.
func brokenEscape(text string) bool {
	end, lead := -1, false
	for _, at := range unicodeEscape.FindAllStringIndex(text, -1) {
		escape := strings.ToLower(text[at[0]:at[1]])
		trail := len(escape) == 6 && escape[2] == 'd' && escape[3] >= 'c'
		if lead && !(trail && at[0] == end) || trail && !lead || escape == `\u0000` {
			return true
		}
		lead = len(escape) == 6 && escape[2] == 'd' && escape[3] >= '8' && escape[3] <= 'b'
		end = at[1]
	}
	return lead
}

// structure finds repeated names and too much depth.
func structure(decoder *json.Decoder, depth int) (rule string, err error) {
	decoder.UseNumber()
	token, err := decoder.Token()
	if err != nil {
		return "", err
	}
	delimiter, ok := token.(json.Delim)
	if !ok {
		return "", nil
	}
	if depth++; depth > gen.MaxBodyDepth {
		return "too deep", io.EOF
	}
	var names []string
	for decoder.More() {
		if delimiter == '{' {
			name, err := decoder.Token()
			if err != nil {
				return "", err
			}
			if slices.Contains(names, name.(string)) {
				return "repeated member", io.EOF
			}
			names = append(names, name.(string))
		}
		if rule, err := structure(decoder, depth); err != nil {
			return rule, err
		}
	}
	_, err = decoder.Token()
	return "", err
}

// jsonValue turns what a YAML decoder made into what a JSON decoder makes.
func jsonValue(value any) any {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var out any
	if err := decoder.Decode(&out); err != nil {
		panic(err)
	}
	return out
}
