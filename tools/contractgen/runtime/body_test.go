package runtime

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// order is a body with one member of every kind, decoded by hand as contractgen writes it.
type order struct {
	Name    string
	Note    *string
	Count   int
	Share   float64
	Paid    bool
	At      time.Time
	Day     time.Time
	Tags    *[]string
	Labels  map[string]string
	Numbers []int64
}

func decodeOrder(b *body, n int32, dst *order) {
	if !b.object(n, "name", "a/b") {
		return
	}
	for m := b.nodes[n].child; m != 0; m = b.nodes[m].next {
		switch b.nodes[m].name {
		case "name":
			decodeString(b, m, &dst.Name, &stringRules{min: 2, max: 5})
		case "note":
			if !b.null(m) {
				decodeString(b, m, optional(&dst.Note), &stringRules{})
			}
		case "a/b":
			decodeInteger(b, m, &dst.Count, &integerRules{-5, 1000})
		case "share":
			decodeNumber(b, m, &dst.Share, &numberRules{0, 1})
		case "paid":
			decodeBoolean(b, m, &dst.Paid)
		case "at":
			decodeDateTime(b, m, &dst.At, &stringRules{format: dateTimeIssue})
		case "day":
			decodeDate(b, m, &dst.Day, &stringRules{format: dateIssue})
		case "tags":
			decodeArray(b, m, optional(&dst.Tags), sizeRules{1, 3, "item"}, func(b *body, n int32, dst *string) {
				decodeString(b, n, dst, &stringRules{min: 1})
			})
			b.unique(m)
		case "numbers":
			decodeArray(b, m, &dst.Numbers, sizeRules{0, 3, "item"}, func(b *body, n int32, dst *int64) {
				decodeInteger(b, n, dst, &integerRules{0, 1 << 62})
			})
			b.unique(m)
		case "labels":
			decodeMap(b, m, &dst.Labels, &mapRules{sizeRules{0, 2, "member"}, stringRules{min: 1, max: 3}}, func(b *body, n int32, dst *string) {
				decodeString(b, n, dst, &stringRules{max: 3})
			})
		default:
			b.unknown(m)
		}
	}
}

var jsonHeader = http.Header{"Content-Type": {"application/json"}}

func decodeText(text string) (value order, issues string) {
	var d details
	if b, ok := openBody(&d, Input{Header: jsonHeader, Body: []byte(text)}, true); ok {
		decodeOrder(&b, root, &value)
	}
	return value, lines(d.list)
}

func TestBody_DecodesEveryKind(t *testing.T) {
	t.Parallel()
	value, issues := decodeText(` {"name":"A\u00e9\n\ud83d\ude00", "note":null, "a\/b":1.0e2, "share":0.25, "paid":true,
		"at":"2026-05-19T19:53:14+05:30", "day":"2026-05-19", "tags":["x","y"], "labels":{"a":"1","":""}, "numbers":[4611686018427387904] } `)
	if issues != "/labels/: has a name that must not be empty" {
		t.Fatalf("issues: %s", issues)
	}
	at := time.Date(2026, 5, 19, 14, 23, 14, 0, time.UTC)
	if value.Name != "Aé\n😀" || value.Note != nil || value.Count != 100 || value.Share != 0.25 || !value.Paid ||
		!value.At.Equal(at) || !value.Day.Equal(at.Truncate(24*time.Hour)) || len(*value.Tags) != 2 ||
		value.Labels["a"] != "1" || value.Numbers[0] != 1<<62 {
		t.Errorf("decoded %+v", value)
	}
}

// refusedBodies are texts that no validator lets pass, and what is said of them.
var refusedBodies = map[string]string{
	"":                                        ": is required: send a JSON object",
	"[]":                                      ": must be an object",
	"null":                                    ": must not be null: it must be an object",
	"\xef\xbb\xbf{}":                          ": must not begin with a byte order mark",
	"{\"name\":\"\xff\"}":                     ": must be valid UTF-8",
	`{"name":"abc","a/b":1} {}`:               ": must be valid JSON: at byte 23, one JSON value and nothing after it was expected",
	`{"name":"abc","a/b":1`:                   ": must be valid JSON: at byte 21, a comma or } was expected",
	`{"name":"abc",}`:                         ": must be valid JSON: at byte 14, a member name in double quotes was expected",
	`{"name" "abc"}`:                          ": must be valid JSON: at byte 8, a colon was expected",
	`{"name":"abc","a/b":01}`:                 ": must be valid JSON: at byte 22, a number without leading zeros was expected",
	`{"name":"abc","a/b":1.}`:                 ": must be valid JSON: at byte 22, a digit was expected",
	`{"name":"abc","a/b":1e}`:                 ": must be valid JSON: at byte 22, a digit was expected",
	`{"name":"abc","a/b":-}`:                  ": must be valid JSON: at byte 21, a number without leading zeros was expected",
	`{"name":"a` + "\x01" + `c"}`:             ": must be valid JSON: at byte 10, an escape instead of a raw control character was expected",
	`{"name":"a\n` + "\x00" + `c"}`:           ": must be valid JSON: at byte 12, an escape instead of a raw control character was expected",
	`{"name":"a\x"}`:                          ": must be valid JSON: at byte 12, a valid escape sequence was expected",
	`{"name":"a\u12g4"}`:                      ": must be valid JSON: at byte 12, a valid escape sequence was expected",
	`{"name":"a`:                              ": must be valid JSON: at byte 10, a closing quote was expected",
	`{"name":"a\`:                             ": must be valid JSON: at byte 11, a valid escape sequence was expected",
	`{"name":tru}`:                            ": must be valid JSON: at byte 8, a value was expected",
	`{"name":"a\u0000","a/b":1}`:              `/name: must not contain the character NUL (\u0000)`,
	`{"name":"a\ud800","a/b":1}`:              `/name: must not contain half a surrogate pair (\ud800 to \udfff)`,
	`{"name":"a\ud800\u0041","a/b":1}`:        `/name: must not contain half a surrogate pair (\ud800 to \udfff)`,
	`{"name":"a\udc00","a/b":1}`:              `/name: must not contain half a surrogate pair (\ud800 to \udfff)`,
	`{"name":"ab","n\u0061me":"abc","a/b":1}`: "/name: must not be repeated within its object",
	`{"name":"ab","a/b":1,"labels":{"x":"","x":""}}`:         "/labels/x: must not be repeated within its object",
	`{"Name":"ab","a/b":1}`:                                  "/name: is required\n/Name: is not a member of this object",
	`{"name":"ab","a/b":1,"x~/y":{"z":1}}`:                   "/x~0~1y: is not a member of this object",
	`{"name":"a"}`:                                           "/a~1b: is required\n/name: must have at least 2 characters",
	`{"name":"éééééé","a/b":1}`:                              "/name: must have at most 5 characters",
	`{"name":5,"a/b":"1"}`:                                   "/name: must be a string\n/a~1b: must be an integer",
	`{"name":null,"a/b":1.5}`:                                "/name: must not be null: it must be a string\n/a~1b: must be an integer",
	`{"name":"ab","a/b":1e99999999999999999999}`:             "/a~1b: must be from -5 to 1000",
	`{"name":"ab","a/b":1180591620717411303424}`:             "/a~1b: must be from -5 to 1000",
	`{"name":"ab","a/b":-5.1e0}`:                             "/a~1b: must be an integer",
	`{"name":"ab","a/b":1e-99999999999999999999}`:            "/a~1b: must be an integer",
	`{"name":"ab","a/b":-6}`:                                 "/a~1b: must be from -5 to 1000",
	`{"name":"ab","a/b":1,"share":1.1}`:                      "/share: must be from 0 to 1",
	`{"name":"ab","a/b":1,"share":1e999}`:                    "/share: must be from 0 to 1",
	`{"name":"ab","a/b":1,"share":"x"}`:                      "/share: must be a number",
	`{"name":"ab","a/b":1,"paid":"true"}`:                    "/paid: must be true or false",
	`{"name":"ab","a/b":1,"at":"now"}`:                       "/at: must be an RFC 3339 time such as 2026-05-19T14:23:14Z",
	`{"name":"ab","a/b":1,"day":"2026-02-29"}`:               "/day: must be a calendar date such as 2026-05-19",
	`{"name":"ab","a/b":1,"tags":[]}`:                        "/tags: must have at least 1 item",
	`{"name":"ab","a/b":1,"tags":["a","b","c","d"]}`:         "/tags: must have at most 3 items",
	`{"name":"ab","a/b":1,"tags":["a","b","\u0061"]}`:        "/tags/2: must not be repeated within its array",
	`{"name":"ab","a/b":1,"tags":["",""]}`:                   "/tags/0: must not be empty\n/tags/1: must not be empty\n/tags/1: must not be repeated within its array",
	`{"name":"ab","a/b":1,"tags":{}}`:                        "/tags: must be an array",
	`{"name":"ab","a/b":1,"numbers":[1,2,10e-1]}`:            "/numbers/2: must not be repeated within its array",
	`{"name":"ab","a/b":1,"labels":{"a":1,"b":"x","c":"x"}}`: "/labels: must have at most 2 members\n/labels/a: must be a string",
	`{"name":"ab","a/b":1,"labels":{"long":"x"}}`:            "/labels/long: has a name that must have at most 3 characters",
}

// Every refusal names the place and says what to do about it.
func TestBody_Refuses(t *testing.T) {
	t.Parallel()
	for text, want := range refusedBodies {
		if _, issues := decodeText(text); issues != want {
			t.Errorf("%s\n got %q\nwant %q", text, issues, want)
		}
	}
}

func TestBody_IntegersAreReadExactly(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]int{"-0": 0, "0e9": 0, "0.0": 0, "1e2": 100, "100e-1": 10, "1.50e1": 15, "-5": -5} {
		value, issues := decodeText(`{"name":"ab","a/b":` + literal + `}`)
		if issues != "" || value.Count != want {
			t.Errorf("%s: %d %s", literal, value.Count, issues)
		}
	}
}

func TestBody_DepthIsBounded(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string {
		return `{"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
	}
	const missing = "/name: is required\n/a~1b: is required\n/x: is not a member of this object"
	if _, issues := decodeText(nested(MaxBodyDepth)); issues != missing {
		t.Errorf("depth %d: %s", MaxBodyDepth, issues)
	}
	if _, issues := decodeText(nested(MaxBodyDepth + 1)); issues != ": must not nest deeper than 32 levels" {
		t.Errorf("depth %d: %s", MaxBodyDepth+1, issues)
	}
}

func TestBody_SizeIsBounded(t *testing.T) {
	t.Parallel()
	body := `{"name":"ab","a/b":1}`
	if _, issues := decodeText(body + strings.Repeat(" ", MaxBodyBytes-len(body))); issues != "" {
		t.Errorf("%d bytes: %s", MaxBodyBytes, issues)
	}
	if _, issues := decodeText(body + strings.Repeat(" ", MaxBodyBytes+1-len(body))); issues != ": must have at most 262144 bytes" {
		t.Errorf("%d bytes: %s", MaxBodyBytes+1, issues)
	}
}

// An object of very many members must not cost their square.
func TestBody_ManyMembersAreReadInLinearTime(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	many.WriteString(`{"name":"ab","a/b":1`)
	for i := 0; many.Len() < MaxBodyBytes-20; i++ {
		many.WriteString(`,"` + string(rune('a'+i%26)) + strings.Repeat("z", i%9) + counted(i, "") + `":0`)
	}
	_, issues := decodeText(many.String() + `,"name":"ab"}`)
	if !strings.HasPrefix(issues, "/name: must not be repeated within its object\n") {
		t.Errorf("issues begin %.80q", issues)
	}
}

func TestBody_MediaTypeIsJSONInUTF8(t *testing.T) {
	t.Parallel()
	for value, ok := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "Application/JSON;charset=\"UTF-8\"": true,
		"application/json; charset=utf-16": false, "text/json": false, "application/json, text/plain": false,
		"application/merge-patch+json": false, "": false, "application/x-www-form-urlencoded": false,
	} {
		var d details
		_, opened := openBody(&d, Input{Header: http.Header{"Content-Type": {value}}, Body: []byte("{}")}, true)
		if opened != ok {
			t.Errorf("%q: %s", value, lines(d.list))
		}
	}
	var d details
	if _, opened := openBody(&d, Input{Body: []byte("{}")}, true); opened || len(d.list) != 1 || d.list[0].Field != "Content-Type" {
		t.Errorf("without a Content-Type: %s", lines(d.list))
	}
}

func TestBody_OptionalMayBeAbsent(t *testing.T) {
	t.Parallel()
	var d details
	if _, ok := openBody(&d, Input{}, false); ok || len(d.list) > 0 {
		t.Errorf("an absent optional body: %t, %s", ok, lines(d.list))
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for format, texts := range map[string]map[string]bool{
		"email": {"a@b": true, "a@b@c": false, "@b": false, "a@": false, "a": false, "a b@c": false, "a@b\n": false,
			strings.Repeat("a", 252) + "@b": true, strings.Repeat("a", 253) + "@b": false},
		"uri": {"https://example.com/a?b#c": true, "http://[::1]:80": true, "/a": false, "ftp://example.com": false,
			"https://": false, "https://a b": false, "https://example.com/%zz": false, "javascript:alert(1)": false},
		"date": {"2024-02-29": true, "0001-01-01": true, "0000-01-01": false, "2026-1-01": false, "2026-13-01": false, "20260101": false},
	} {
		for text, ok := range texts {
			if issue := Formats[format](text); (issue == "") != ok {
				t.Errorf("%s %q: %s", format, text, issue)
			}
		}
	}
}
