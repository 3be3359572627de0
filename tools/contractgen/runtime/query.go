package runtime

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// A parameter is one query, path or header parameter of an operation. Exactly one of text, integer
// and boolean says what its value must be.
type parameter struct {
	name     string
	key      string // of a header: its name in Go's canonical spelling, the key of http.Header
	in       place
	required bool
	text     *stringRules
	integer  *integerRules
	boolean  bool
}

// place says which part of a request a parameter is in.
type place uint8

const (
	inQuery place = iota
	inPath
	inHeader
)

// parameters checks all parameters of an operation. Query parameters are closed: an unknown one is
// a misspelling whose silent loss would give a wrong answer. Unknown headers are none of our business.
func (d *details) parameters(in Input, known []parameter) {
	given := d.query(in.RawQuery, known)
	for i := range known {
		p := &known[i]
		switch {
		case p.in == inPath:
			d.value(p, in.PathParam(p.name))
		case p.in == inHeader:
			d.header(p, in.Header[p.key])
		case p.required && given&(1<<i) == 0:
			d.add(p.name, "is required")
		}
	}
}

// header checks a header parameter: absent, or sent once and not empty.
func (d *details) header(p *parameter, values []string) {
	switch {
	case len(values) == 0 && p.required:
		d.add(p.name, "is required")
	case len(values) == 0:
	case len(values) > 1:
		d.add(p.name, "must be sent once")
	case values[0] == "":
		d.add(p.name, "must not be empty: leave the header out instead")
	default:
		d.value(p, values[0])
	}
}

// query reads the raw query strictly and checks the value of each parameter. It returns the set of
// the known ones that were given, one bit each. (net/url drops pairs that it cannot read: page 1
// would come back as if no cursor had been sent.)
func (d *details) query(raw string, known []parameter) (given uint64) {
	for more := raw != ""; more; {
		var pair string
		pair, raw, more = strings.Cut(raw, "&")
		name, value, ok := d.pair(pair)
		if !ok {
			continue
		}
		i := indexOfQuery(known, name)
		switch {
		case i < 0:
			d.add(name, "is not a parameter of this operation")
		case given&(1<<i) != 0:
			d.add(name, "must be sent once")
		case value == "":
			given |= 1 << i
			d.add(name, "must not be empty: leave the parameter out instead")
		default:
			given |= 1 << i
			d.value(&known[i], value)
		}
	}
	return given
}

// pair decodes one name=value of a query.
func (d *details) pair(pair string) (name, value string, ok bool) {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	name, nameOK := unescape(rawName)
	value, valueOK := unescape(rawValue)
	switch {
	case strings.Contains(pair, ";"):
		d.add(name, "must not contain a semicolon: separate parameters with &, and send a semicolon as %3B")
	case !nameOK || !valueOK:
		d.add(name, "must be valid percent-encoding of UTF-8 text without NUL")
	case name == "":
		d.add("query", "must not contain a parameter without a name")
	default:
		return name, value, true
	}
	return name, value, false
}

// unescape decodes percent-encoding and plus signs. Not ok: malformed, not UTF-8, or with a NUL,
// which no database column can hold. The text is then the raw one, for a message.
func unescape(raw string) (text string, ok bool) {
	text = raw
	if strings.ContainsAny(raw, "%+") {
		var err error
		if text, err = url.QueryUnescape(raw); err != nil {
			return raw, false
		}
	}
	return text, utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

// indexOfQuery finds a query parameter by its exact name, or returns -1.
func indexOfQuery(known []parameter, name string) int {
	for i := range known {
		if known[i].in == inQuery && known[i].name == name {
			return i
		}
	}
	return -1
}

// value checks the text of one parameter against its rules.
func (d *details) value(p *parameter, text string) {
	var issue string
	switch {
	case p.text != nil:
		issue = p.text.issue(text)
	case p.integer != nil:
		_, issue = p.integer.parameter(text)
	case p.boolean && text != "true" && text != "false":
		issue = "must be true or false"
	}
	if issue != "" {
		d.add(p.name, issue)
	}
}
