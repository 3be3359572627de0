package docs

import (
	"maps"
	"slices"
	"strings"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// Folder stands in llms.txt for where the pages are: the file is served beside them and at the root. Who serves it puts
// an address with a slash at its end in its place, or nothing.
const Folder = "__DOCS__"

// Docs is the placeholder of Folder, for the template.
func (r *reference) Docs() string { return Folder }

// Pages are the guides, for the template.
func (r *reference) Pages() []*guide { return r.guides }

// A brief is the contract for programs that read: all that a client needs, in the fewest words. https://llmstxt.org has
// no headings before the lists of links, so titles are words in bold.
type brief struct {
	*reference
	sheet
	sent    map[string]bool // schemas of what a caller sends, down to the innermost: their bounds are told
	inlined map[string]bool // schemas told in one line where they are answered or delivered
	told    map[string]bool // meanings of values that have been told
	always  []string        // statuses of errors that every operation has
}

// notation explains what stands in the lists. It says nothing of the contract.
const notation = "`name: T` must be there, `name?: T` may be left out. `[T]` is an array, `{string: T}` a map, `T|U` either. date-time, date, email and uri are strings " +
	"of that format, int64 is an integer. A capital letter begins a name of the list of types. Bounds are told of what you send: `1..200`, `≥1` and `≤500` are characters of a " +
	"string, items of an array, members of a map, or a number's range; `/…/` is a pattern, `=25` the default, `once` forbids equal items."

// Facts is what a client must know, from the first address to the last member.
func (r *reference) Facts() string {
	b := &brief{reference: r, sent: map[string]bool{}, inlined: map[string]bool{}, told: map[string]bool{}}
	b.sort()
	for _, server := range r.Servers {
		b.line("- Base URL `%s`: %s", server.URL, server.About.Line())
	}
	b.line("\n%s", bold(r.Intro.Markdown))
	b.codes()
	b.line("\n**Notation**\n\n%s Every operation can also answer %s.", notation, strings.Join(b.always, " "))
	b.shared()
	for _, g := range r.Groups {
		b.line("\n**%s**", g.Name)
		b.operations(g)
	}
	b.line("\n**Webhooks**\n\n%s\n\n**Events**\n", bold(r.Webhooks.About.Markdown))
	b.events()
	b.line("\n**Types**")
	b.types()
	return strings.TrimSpace(b.String())
}

// bold makes headings words in bold.
func bold(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			lines[i] = "**" + title + "**\n"
		}
	}
	return strings.Join(lines, "\n")
}

// sort finds out which schemas are sent, which are told where they are used, and which errors need no telling.
func (b *brief) sort() {
	count, operations := map[string]int{}, 0
	for _, item := range tree.Members(tree.Child(b.Contract, "paths")) {
		for _, op := range tree.Members(item) {
			operations++
			b.send(tree.Child(op, "requestBody"))
			b.send(tree.Child(op, "parameters"))
			for status, answer := range tree.Members(tree.Child(op, "responses")) {
				count[status.Value]++
				b.inlined[ref(tree.Child(answer, "content", jsonMedia, "schema"))] = true
			}
		}
	}
	for _, status := range slices.Sorted(maps.Keys(count)) {
		if count[status] == operations {
			b.always = append(b.always, status)
		}
	}
	for _, item := range tree.Members(tree.Child(b.Contract, "webhooks")) {
		for _, op := range tree.Members(item) {
			b.inlined[ref(tree.Child(op, "requestBody", "content", jsonMedia, "schema"))] = true
		}
	}
}

// codes lists errors, scopes and ids.
func (b *brief) codes() {
	b.line("\n**Error codes**\n")
	for _, e := range b.Errors {
		b.line("- `%s`, status %s: %s", e.Code, e.Status, e.Meaning.Line())
	}
	for _, scheme := range b.Schemes {
		b.line("\n**Scopes**\n\n%s", scheme.About.Markdown)
	}
	var prefixes []string
	for _, p := range b.Prefixes {
		prefixes = append(prefixes, p.Text+" "+p.Object)
	}
	b.line("\nIds begin with the kind of their object: %s.", strings.Join(prefixes, ", "))
}
