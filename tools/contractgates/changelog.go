package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// unreleased marks the one section of the changelog that is generated.
const unreleased = " (not released yet)"

// composeChangelog is the changelog as it should be: the promise, the section of what is not released, and the sections
// of what is. Only the one in the middle is made here. The others are left as they stand.
func (g gates) composeChangelog(c *comparison) ([]byte, error) {
	written, err := os.ReadFile(g.changelog)
	if err != nil {
		return nil, fmt.Errorf("read the changelog: %w", err)
	}
	promise, past, err := splitChangelog(string(written), c.from)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.changelog, err)
	}
	section, err := g.section(c)
	if err != nil {
		return nil, err
	}
	return []byte(promise + section + past), nil
}

// splitChangelog cuts out what was generated before. Past sections begin with the one of the released version, and
// above it nothing but the promise and the generated section may stand, or words by hand would be lost.
func splitChangelog(text string, released version) (promise, past string, err error) {
	heading := "## " + released.String() + "\n"
	at := strings.Index("\n"+text, "\n"+heading)
	if at < 0 {
		return "", "", fmt.Errorf("the section %q of the released version is missing", strings.TrimSpace(heading))
	}
	promise, past = text[:at], text[at:]
	lines := strings.SplitAfter(promise, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "## ") || line == "## The promise\n" {
			continue
		}
		if !strings.HasSuffix(line, unreleased+"\n") {
			return "", "", fmt.Errorf("the section %q stands above the released version and is nobody's: "+
				"words about the next release go into openapi/released/next.md", strings.TrimSpace(line))
		}
		return strings.Join(lines[:i], ""), past, nil
	}
	return promise, past, nil
}

// section is what has changed since the release; "" if nothing has.
func (g gates) section(c *comparison) (string, error) {
	notes, err := os.ReadFile(g.notes)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if c.need == nothing {
		return "", nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## %s%s\n\n", c.to, unreleased)
	if text := strings.TrimSpace(string(notes)); text != "" {
		fmt.Fprintf(&b, "%s\n\n", text)
	}
	for _, line := range c.lines() {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	return b.String() + "\n", nil
}

// lines are the entries: what breaks (which the gates refuse, yet the text is honest), what is new, and what is words.
func (c *comparison) lines() []string {
	broken, fresh := c.telling(breaking), c.telling(addition)
	for i := range broken {
		broken[i] = "**Breaks clients:** " + broken[i]
	}
	lines := append(broken, fresh...)
	if places := c.wordPlaces(); len(places) > 0 {
		lines = append(lines, "Words and examples: "+strings.Join(places, ", ")+".")
	}
	if len(lines) == 0 {
		lines = append(lines, "Order, and words in our own extensions, alone.")
	}
	return lines
}

// telling describes the changes of one impact, each once. Redocly's are told, since it names a shared schema once;
// oasdiff's only where Redocly has seen nothing of the kind.
func (c *comparison) telling(kind impact) []string {
	var lines, others []string
	known := map[string]bool{} // a schema that two operations spell out themselves is one entry
	for _, change := range c.changes {
		if change.impact != kind {
			continue
		}
		line := change.place + ": " + strings.TrimSuffix(change.text, ".") + "."
		if change.redocly != nil {
			line = c.describe(change)
		}
		switch {
		case line == "" || known[line]:
		case strings.HasPrefix(change.rule, "oasdiff "):
			others = append(others, line)
		default:
			lines = append(lines, line)
		}
		known[line] = true
	}
	if len(lines) == 0 {
		return others
	}
	return lines
}

// placesShown is how many places of changed words are named. A text that is everywhere is not worth a page.
const placesShown = 12

// wordPlaces names the operations and schemas whose texts or examples differ.
func (c *comparison) wordPlaces() []string {
	var places []string
	known := map[string]bool{}
	for _, change := range c.changes {
		if change.impact != words || change.redocly == nil || change.redocly.Kind != "modified" {
			continue
		}
		if top := topPlace(change.redocly.pointer()); !known[top] {
			known[top] = true
			places = append(places, top)
		}
	}
	if more := len(places) - placesShown; more > 0 {
		places = append(places[:placesShown], fmt.Sprintf("and %d more places", more))
	}
	return places
}
