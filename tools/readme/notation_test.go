package readme

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// A told is what llms.txt tells: operations by id and types by name. Nothing here knows the contract.
type told struct {
	text  string
	calls map[string]*toldCall
	types map[string]*notation
}

// A toldCall is an operation, as its block tells it.
type toldCall struct {
	id, method, path string
	body             *notation         // nil: none
	gives            map[int]*notation // by status
}

// A notation is a type.
type notation struct {
	word    string      // of a type by name, or the value itself as JSON
	choices []*notation // one of these
	items   *notation   // of an array
	values  *notation   // of a map
	members []toldMember
	base    string // the name of a type whose members it has too
}

type toldMember struct {
	name     string
	optional bool
	kind     *notation
}

var (
	callLine   = regexp.MustCompile("^`([A-Z]+) (/\\S*)` (\\w+), ")
	typeLine   = regexp.MustCompile(`^([A-Z]\w+):(.*)`)
	memberLine = regexp.MustCompile(`^- ([A-Za-z_]+)(\??): `)
	eventLine  = regexp.MustCompile("^- `[a-z_.]+` (\\w+) (\\{.*?\\})\\. ")
	baseOf     = regexp.MustCompile(`all members of (\w+), and`)
	givesOne   = regexp.MustCompile(`^(\d{3}) (\{.*)`)
)

// read understands the file.
func readTold(text string) *told {
	all := &told{text: text, calls: map[string]*toldCall{}, types: map[string]*notation{}}
	_, common, _ := strings.Cut(text, "Every event has ")
	for block := range strings.SplitSeq(text, "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		if found := callLine.FindStringSubmatch(lines[0]); found != nil {
			all.calls[found[3]] = readCall(found, lines[1:])
		} else if found := typeLine.FindStringSubmatch(lines[0]); found != nil {
			all.types[found[1]] = readType(found[2], lines[1:])
		}
		for _, line := range lines {
			if found := eventLine.FindStringSubmatch(line); found != nil {
				event, _ := parse(found[2])
				shared, _ := parse(common)
				event.members = append(event.members, shared.members...)
				all.types[found[1]] = event
			}
		}
	}
	return all
}

func readCall(found, lines []string) *toldCall {
	call := &toldCall{method: found[1], path: found[2], id: found[3], gives: map[int]*notation{}}
	for _, line := range lines {
		if takes, ok := strings.CutPrefix(line, "- takes "); ok {
			if _, body, ok := strings.Cut(takes, "body "); ok {
				call.body, _ = parse(body)
			}
		}
		if gives, ok := strings.CutPrefix(line, "- gives "); ok {
			for one := range strings.SplitSeq(gives, "; ") {
				if answer := givesOne.FindStringSubmatch(one); answer != nil {
					status := 0
					_, _ = fmt.Sscan(answer[1], &status) // three digits
					call.gives[status], _ = parse(answer[2])
				}
			}
		}
	}
	return call
}

func readType(head string, lines []string) *notation {
	if len(lines) == 0 { // a list of values, or another name; meanings stand in brackets
		kind := &notation{}
		for one := range strings.SplitSeq(strings.TrimSpace(head), "|") {
			choice, _ := parse(strings.TrimSpace(one))
			kind.choices = append(kind.choices, choice)
		}
		return kind
	}
	kind := &notation{members: []toldMember{}}
	if base := baseOf.FindStringSubmatch(head); base != nil {
		kind.base = base[1]
	}
	for _, line := range lines {
		if found := memberLine.FindStringSubmatch(line); found != nil {
			inner, _ := parse(line[len(found[0]):])
			kind.members = append(kind.members, toldMember{found[1], found[2] != "", inner})
		}
	}
	return kind
}

var (
	literalOf = regexp.MustCompile(`^("[^"]*"|true|false|[A-Za-z][\w-]*)`)
	ruleOf    = regexp.MustCompile(`^ (-?\d+\.\.\d+|[≤≥]\d+|/.*?/(?:[ ,;.\]}|]|$)|once|=\w+)`)
	keyOf     = regexp.MustCompile(`^,? ?([A-Za-z_]+)(\??)[^:,}]*: `)
)

// parse reads a type from the beginning of a text, and returns what follows.
func parse(text string) (*notation, string) {
	first, rest := parseOne(text)
	all := []*notation{first}
	for strings.HasPrefix(rest, "|") {
		var next *notation
		next, rest = parseOne(rest[1:])
		all = append(all, next)
	}
	for rule := ruleOf.FindString(rest); rule != ""; rule = ruleOf.FindString(rest) {
		rest = rest[len(strings.TrimRight(rule, " ,;.]}|")):]
	}
	if len(all) == 1 {
		return first, rest
	}
	return &notation{choices: all}, rest
}

func parseOne(text string) (*notation, string) {
	switch {
	case strings.HasPrefix(text, "["):
		items, rest := parse(text[1:])
		return &notation{items: items}, strings.TrimPrefix(rest, "]")
	case strings.HasPrefix(text, "{string"):
		_, after, _ := strings.Cut(text, ": ")
		values, rest := parse(after)
		return &notation{values: values}, strings.TrimPrefix(rest, "}")
	case strings.HasPrefix(text, "{"):
		kind, rest := &notation{members: []toldMember{}}, text[1:]
		for found := keyOf.FindStringSubmatch(rest); found != nil; found = keyOf.FindStringSubmatch(rest) {
			var inner *notation
			inner, rest = parse(rest[len(found[0]):])
			kind.members = append(kind.members, toldMember{found[1], found[2] != "", inner})
		}
		return kind, strings.TrimPrefix(rest, "}")
	}
	word := literalOf.FindString(text)
	return &notation{word: word}, text[len(word):]
}

// fits reports how a value differs from a type. Nothing may be there that the type does not tell.
func (all *told) fits(at string, kind *notation, value any) error {
	switch {
	case kind.choices != nil:
		var faults []error
		for _, choice := range kind.choices {
			fault := all.fits(at, choice, value)
			if fault == nil {
				return nil
			}
			faults = append(faults, fault)
		}
		return errors.Join(faults...)
	case kind.items != nil:
		list, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%s is %v, told is an array", at, value)
		}
		for i, item := range list {
			if err := all.fits(fmt.Sprintf("%s[%d]", at, i), kind.items, item); err != nil {
				return err
			}
		}
		return nil
	case kind.values != nil || kind.members != nil:
		return all.fitsObject(at, kind, value)
	}
	if named := all.types[kind.word]; named != nil {
		return all.fits(at, named, value)
	}
	return fitsWord(at, kind.word, value)
}

func (all *told) fitsObject(at string, kind *notation, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is %v, told is an object", at, value)
	}
	members := all.members(kind)
	for name, inner := range object {
		i := slices.IndexFunc(members, func(m toldMember) bool { return m.name == name })
		switch {
		case kind.values != nil:
			if err := all.fits(at+"."+name, kind.values, inner); err != nil {
				return err
			}
		case i < 0:
			return fmt.Errorf("%s has %s, which is not told", at, name)
		default:
			if err := all.fits(at+"."+name, members[i].kind, inner); err != nil {
				return err
			}
		}
	}
	for _, m := range members {
		if _, there := object[m.name]; !there && !m.optional {
			return fmt.Errorf("%s lacks %s", at, m.name)
		}
	}
	return nil
}

// members are those of a type and of the type that it builds on.
func (all *told) members(kind *notation) []toldMember {
	if kind.base == "" {
		return kind.members
	}
	return slices.Concat(all.members(all.types[kind.base]), kind.members)
}

func fitsWord(at, word string, value any) error {
	ok := false
	switch typed := value.(type) {
	case nil:
		ok = word == "null"
	case bool:
		ok = word == "boolean" || word == fmt.Sprint(typed)
	case float64:
		ok = word == "number" || (word == "integer" || word == "int64") && typed == math.Trunc(typed)
	case string:
		quoted, _ := json.Marshal(typed) // a string always encodes
		ok = slices.Contains([]string{"string", "email", "uri", "date", "date-time", string(quoted)}, word)
	case map[string]any:
		ok = word == "object"
	}
	if !ok {
		return fmt.Errorf("%s is %v, told is %s", at, value, word)
	}
	return nil
}
