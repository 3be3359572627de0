package difftest

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/thebigclass/api/gen"
)

// Mutated bytes seldom reach the bounds of a schema. These targets draw inputs from the schema
// itself: every member absent, on a bound, just past it, or of another type.

// FuzzShapedBody compares the validators on bodies drawn from the operation's schema.
func FuzzShapedBody(f *testing.F) {
	operations := operationsWith(func(op gen.Operation) bool { return compiled.bodies[op.ID] != nil })
	for seed := range uint64(20) {
		f.Add(byte(seed), seed)
	}
	f.Fuzz(func(t *testing.T, which byte, seed uint64) {
		op := operations[int(which)%len(operations)]
		body := newDraw(seed).text(compiled.bodies[op.ID])
		compare(t, request{op: op, body: []byte(body)}, beyondBody([]byte(body)))
	})
}

// FuzzShapedQuery compares the validators on queries drawn from the operation's parameters.
func FuzzShapedQuery(f *testing.F) {
	operations := operationsWith(func(op gen.Operation) bool { return len(compiled.parameters[op.ID]) > 0 })
	for seed := range uint64(20) {
		f.Add(byte(seed), seed)
	}
	f.Fuzz(func(t *testing.T, which byte, seed uint64) {
		op, d := operations[int(which)%len(operations)], newDraw(seed)
		var pairs []string
		for _, name := range slices.Sorted(maps.Keys(compiled.parameters[op.ID])) {
			if d.one(2) {
				value := strings.Trim(d.text(compiled.parameters[op.ID][name].schema), `"`)
				pairs = append(pairs, name+"="+url.QueryEscape(value))
			}
		}
		query := strings.Join(pairs, "&")
		compare(t, request{op: op, query: query}, beyondQuery(op, query))
	})
}

// Some hundreds of draws are compared on every run of the tests, so that a fault need not wait for fuzzing.
func TestShaped_AgreesWithTheOracles(t *testing.T) {
	t.Parallel()
	for _, op := range operationsWith(func(op gen.Operation) bool { return compiled.bodies[op.ID] != nil }) {
		for seed := range uint64(20) {
			body := []byte(newDraw(seed).text(compiled.bodies[op.ID]))
			compare(t, request{op: op, body: body}, beyondBody(body))
		}
	}
}

// Drawn inputs are of use only if a good part is valid, and a good part is not.
func TestShaped_ReachesBothVerdicts(t *testing.T) {
	t.Parallel()
	const draws = 200
	for _, op := range operationsWith(func(op gen.Operation) bool { return compiled.bodies[op.ID] != nil }) {
		accepted := 0
		for seed := range uint64(draws) {
			r := request{op: op, body: []byte(newDraw(seed).text(compiled.bodies[op.ID]))}
			if _, issues := r.ours(); len(issues) == 0 {
				accepted++
			}
		}
		if accepted < draws/20 || accepted > draws*19/20 {
			t.Errorf("%s: %d of %d accepted", op.ID, accepted, draws)
		}
	}
}

// draw makes JSON texts from a seed. Half of them are calm: wide and deep schemas would never be satisfied
// if every value in them were odd one time in ten.
type draw struct {
	*rand.Rand
	calm bool
	long bool // an array has been filled to its bound; a second one inside it would make megabytes
}

func newDraw(seed uint64) *draw {
	source := rand.New(rand.NewPCG(seed, 1))
	return &draw{Rand: source, calm: source.IntN(2) == 0}
}

// one is true once in n times.
func (d *draw) one(n int) bool { return d.IntN(n) == 0 }

// odd is true once in n times too, and seldom in calm.
func (d *draw) odd(n int) bool {
	if d.calm {
		n *= 100
	}
	return d.one(n)
}

// oddities are values that are mostly wrong, whatever the schema.
var oddities = []string{`null`, `true`, `false`, `0`, `-1`, `1.5`, `1e2`, `""`, `"x"`, `[]`, `{}`, `[null]`, `{"a":"b"}`, `"\u0041"`,
	`"2026-05-19T14:23:14Z"`, `"2026-05-19t14:23:14z"`, `"9999-12-31T23:59:59-00:01"`, `"2026-02-29"`, `"2024-02-29"`, `"a@b"`, `"a@b@c"`,
	`"a\u0000"`, `"a\ud800"`, `"\ud83d\ude00"`, `"+919820012345"`, `"\n"`, `"é"`, `"👩‍🚀"`, `" "`, `100`, `101`, `1180591620717411303424`}

// text draws a value for a schema, and now and then an oddity.
func (d *draw) text(s *jsonschema.Schema) string {
	for s.Ref != nil {
		s = s.Ref
	}
	if d.odd(10) || s.Types == nil {
		return oddities[d.IntN(len(oddities))]
	}
	switch kinds := s.Types.ToStrings(); {
	case slices.Contains(kinds, "null") && d.one(4):
		return "null"
	case slices.Contains(kinds, "object"):
		return d.object(s)
	case slices.Contains(kinds, "array"):
		return d.array(s)
	case slices.Contains(kinds, "string"):
		return quote(d.string(s))
	case slices.Contains(kinds, "boolean"):
		return []string{"true", "false"}[d.IntN(2)]
	}
	return d.number(s)
}

// number draws a bound or what is near it, in more than one spelling.
func (d *draw) number(s *jsonschema.Schema) string {
	if s.Minimum != nil && s.Maximum != nil && !d.odd(2) {
		return []string{s.Minimum.RatString(), s.Maximum.RatString(), s.Minimum.FloatString(1)}[d.IntN(3)]
	}
	return []string{"0", "1", "25", "100", "101", "-1", "007", "1.0"}[d.IntN(8)]
}

// object draws members of the schema, other spellings of them, unknown ones, and repetitions.
func (d *draw) object(s *jsonschema.Schema) string {
	var members []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if d.odd(20) || !slices.Contains(s.Required, name) && d.one(2) {
			continue
		}
		members = append(members, quote(d.spelling(name))+":"+d.text(s.Properties[name]))
		if d.odd(20) {
			members = append(members, quote(name)+":"+d.text(s.Properties[name]))
		}
	}
	if values, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
		for i := range d.size(0, s.MaxProperties) {
			name := strings.Repeat("k", 1+d.IntN(39)) + string(rune('a'+i%26)) + string(rune('a'+i/26))
			members = append(members, quote(name)+":"+d.text(values))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// spelling is the name itself, or now and then one that a lenient decoder would take for it.
func (d *draw) spelling(name string) string {
	if d.odd(40) {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return name
}

// array draws items on both sides of the bounds, now and then repeated.
func (d *draw) array(s *jsonschema.Schema) string {
	least := 0
	if s.MinItems != nil {
		least = *s.MinItems
	}
	var items []string
	for range d.size(least, s.MaxItems) {
		item := oddities[d.IntN(len(oddities))]
		if s.Items2020 != nil {
			item = d.text(s.Items2020)
		}
		if s.UniqueItems && slices.Contains(items, item) && !d.odd(2) {
			continue
		}
		if items = append(items, item); d.odd(30) {
			items = append(items, item)
		}
	}
	return "[" + strings.Join(items, ",") + "]"
}

// size draws few, or now and then the most that a schema allows and one more.
func (d *draw) size(least int, most *int) int {
	if most != nil && !d.long && d.one(5) {
		d.long = true
		if d.odd(2) {
			return *most + 1
		}
		return *most
	}
	if d.odd(4) {
		return d.IntN(4)
	}
	return least + d.IntN(3)
}

// string draws a value of an enum, format or pattern, or text around the bounds of its length.
func (d *draw) string(s *jsonschema.Schema) string {
	if s.Enum != nil && !d.odd(10) {
		if text, ok := s.Enum.Values[d.IntN(len(s.Enum.Values))].(string); ok {
			return text
		}
	}
	if s.Format != nil && !d.odd(10) {
		return d.formatted(s.Format.Name)
	}
	if s.Pattern != nil && !d.odd(4) {
		return d.matching(s.Pattern)
	}
	length := 1 + d.IntN(11)
	if s.MaxLength != nil && d.one(8) {
		length = *s.MaxLength
	}
	if d.odd(4) {
		length = []int{0, length + 1}[d.IntN(2)]
	}
	return strings.Repeat([]string{"a", "é", "👩", " ", "\\", "\n"}[d.IntN(6)], length)
}

// matching draws text for a pattern, or text for another one.
func (d *draw) matching(pattern jsonschema.Regexp) string {
	samples := []string{"+919820012345", "+9198200122", "INR", "USD", "kathak-foundations", "a", "en-IN", "hi", "+0", "inr", "-a", "e"}
	if !d.odd(3) {
		samples = slices.DeleteFunc(samples, func(text string) bool { return !pattern.MatchString(text) })
	}
	return samples[d.IntN(len(samples))]
}

// formatted draws right and nearly right values of a format.
func (d *draw) formatted(format string) string {
	samples := map[string][]string{
		"email":     {"a@b", "ada@example.com", "@", "a@@b", "a b@c", strings.Repeat("a", 252) + "@b", strings.Repeat("a", 253) + "@b", "é@ü"},
		"date":      {"2026-05-19", "2024-02-29", "2023-02-29", "0000-01-01", "2026-5-19", "2026-05-19T00:00:00Z"},
		"date-time": {"2026-05-19T14:23:14Z", "2026-05-19T14:23:14.123456789+05:30", "2026-05-19T24:00:00Z", "2026-05-19T14:23:60Z", "2026-05-19T14:23:14+24:00", "2026-05-19 14:23:14Z"},
		"uri":       {"https://example.com/a", "http://example.com:8080/?a=b#c", "/a", "example.com", "https://", "https://example.com/a b"},
	}[format]
	if !d.odd(2) {
		samples = samples[:2]
	}
	return samples[d.IntN(len(samples))]
}

// quote writes a JSON string.
func quote(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
