package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxSummary is how much of a summary the usual navigation bars show, in characters.
const maxSummary = 60

// minSunset is the least time between deprecation and end that the developer page promises.
const minSunset = 6

var (
	verbNoun     = regexp.MustCompile(`^[a-z]+[A-Z][A-Za-z0-9]+$`)
	unhappyWords = regexp.MustCompile(`\b4\d\d\b`)
)

// validModel is the second opinion: the library that the generators read the contract with.
func validModel(c *contract, t *tally) {
	err := c.model()
	t.add(err == nil, word("the document"), err)
}

// information asks for what a fork needs first: may I use it, whom do I ask, which version is it, where does it run.
func information(c *contract, t *tally) {
	info := c.top().at("info")
	t.add(info.at("license").own("identifier") == "MIT", info.at("license"))
	t.add(info.at("contact").own("url") != "" || info.at("contact").own("email") != "", info.at("contact"))
	t.add(info.own("version") != "", info.at("version"))
	t.add(info.described(), info.at("description"))
	t.add(len(c.top().at("servers").each()) > 0, c.top().at("servers"))
}

// promisedOperations compares the endpoints and their scopes with the developer page's table.
func promisedOperations(c *contract, t *tally) {
	found := map[string]operation{}
	for _, o := range c.operations() {
		found[o.String()] = o
	}
	for _, name := range slices.Sorted(maps.Keys(c.promise.operations)) {
		o, ok := found[name]
		if !ok {
			t.add(false, word(name), "missing")
			continue
		}
		var want []string
		if scope := c.promise.operations[name]; scope != "" {
			want = []string{scope}
		}
		scopes, _ := o.scopes()
		t.add(slices.Equal(scopes, want), o, "scopes", scopes)
	}
}

// promisedSchemas asks for the names that generated code and other documents rely on.
func promisedSchemas(c *contract, t *tally) {
	for _, name := range c.promise.schemas {
		p := c.top().at("components", "schemas", name)
		t.add(p.exists(), p)
	}
}

// operationIDs become function names in every client, so that they must be names, and only once.
func operationIDs(c *contract, t *tally) {
	seen := map[string]bool{}
	for _, o := range c.all() {
		t.add(verbNoun.MatchString(o.id()) && !seen[o.id()], o, o.id())
		seen[o.id()] = true
	}
}

// sentenceCase: a capital first, no full stop at the end, and no word after the first in title case.
// Names that are capitals throughout (API, ID) pass.
func sentenceCase(s string) bool {
	words := strings.Fields(s)
	if len(words) == 0 || strings.HasSuffix(s, ".") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsUpper(first) {
		return false
	}
	for _, w := range words[1:] {
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsUpper(r) && strings.ToUpper(w) != w {
			return false
		}
	}
	return true
}

// summaries are what people scan in a list of operations.
func summaries(c *contract, t *tally) {
	for _, o := range c.all() {
		s := o.own("summary")
		t.add(utf8.RuneCountInString(s) <= maxSummary && sentenceCase(s), o, s)
	}
}

// operationDescriptions counts webhooks too.
func operationDescriptions(c *contract, t *tally) {
	for _, o := range c.all() {
		t.add(o.described(), o)
	}
}

// unhappyCases asks that a description names at least one status of failure.
func unhappyCases(c *contract, t *tally) {
	for _, o := range c.operations() {
		t.add(unhappyWords.MatchString(o.own("description")), o)
	}
}

// tags group the reference. One tag each, since an operation under two headings is read twice.
func tags(c *contract, t *tally) {
	used := map[string]bool{}
	for _, o := range c.all() {
		for _, tag := range o.at("tags").strings() {
			used[tag] = true
		}
	}
	declared := map[string]bool{}
	for _, tag := range c.top().at("tags").each() {
		declared[tag.own("name")] = true
		t.add(tag.described() && used[tag.own("name")], word("tag "+tag.own("name")))
	}
	for _, o := range c.all() {
		list := o.at("tags").strings()
		t.add(len(list) == 1 && declared[list[0]], o, "tags", list)
	}
}

// deprecations looks at everything that can be deprecated. None is 100 %.
func deprecations(c *contract, t *tally) {
	for _, o := range c.all() {
		datedDeprecation(o.place, t)
		for _, p := range o.parameters() {
			datedDeprecation(p, t)
		}
	}
	c.eachSchema(func(s place) { datedDeprecation(s, t) })
}

func datedDeprecation(p place, t *tally) {
	if p.at("deprecated").value != true {
		return
	}
	at, errAt := time.Parse(time.RFC3339, p.own("x-deprecated-at"))
	sunset, errSunset := time.Parse(time.RFC3339, p.own("x-sunset"))
	t.add(errAt == nil && errSunset == nil && !sunset.Before(at.AddDate(0, minSunset, 0)), p)
}
