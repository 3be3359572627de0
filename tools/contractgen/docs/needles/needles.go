// Package needles takes from a contract everything that a reader may search for. It reads the contract by itself and
// knows nothing of how pages are made, so that tests can hold the pages against it.
package needles

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Needle is a text that the reference must show.
type Needle struct {
	Kind  string // what it is: path, property, description, …
	Text  string // with white space folded as Fold does
	Where string // the anchor of the element that must have it, "" for anywhere on the page
	word  bool
}

// In reports whether a text has the needle. Short ones, such as a limit, count as whole words alone.
func (n Needle) In(text string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], n.Text)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(n.Text)
		if !n.word || !inWord(text, start-1) && !inWord(text, end) {
			return true
		}
		from = start + 1
	}
}

func inWord(text string, at int) bool {
	return at >= 0 && at < len(text) && (text[at] == '_' || text[at] >= '0' && text[at] <= '9' || text[at]|0x20 >= 'a' && text[at]|0x20 <= 'z')
}

func (n Needle) String() string { return fmt.Sprintf("%s %q in #%s", n.Kind, n.Text, n.Where) }

// Fold makes every run of white space one space.
func Fold(text string) string { return strings.Join(strings.Fields(text), " ") }

// Of lists the needles of a contract. baseURL is the origin that runnable code on the page has.
func Of(contract []byte, baseURL string) ([]Needle, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(contract, &document); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	h := &haystack{root: document.Content[0]}
	h.origin, h.base = strings.TrimSuffix(at(h.root, "servers").Content[0].Content[1].Value, "/api/v1"), baseURL
	h.info()
	for _, path := range pairs(at(h.root, "paths")) {
		for _, op := range pairs(path.value) {
			h.operation(path.key, op.key, op.value)
		}
	}
	for _, event := range pairs(at(h.root, "webhooks")) {
		h.webhook(event.key, at(event.value, "post"))
	}
	for _, answer := range pairs(at(h.root, "components", "responses")) {
		h.add("answer", answer.key, answer.key)
		h.answer(answer.key, answer.value)
		h.examples(answer.key, answer.value)
	}
	for _, header := range pairs(at(h.root, "components", "headers")) {
		h.add("header", header.key, "header."+header.key)
		h.prose("header."+header.key, at(header.value, "description"))
		h.schema("header."+header.key, at(header.value, "schema"))
	}
	for _, schema := range pairs(at(h.root, "components", "schemas")) {
		h.add("object", schema.key, schema.key)
		h.schema(schema.key, schema.value)
	}
	return h.found, nil
}

// A haystack is a contract that is being searched.
type haystack struct {
	root         *yaml.Node
	origin, base string
	found        []Needle
}

// add adds a needle, unless it is empty.
func (h *haystack) add(kind, text, where string) {
	if text = Fold(text); text != "" {
		h.found = append(h.found, Needle{Kind: kind, Text: text, Where: where})
	}
}

// word adds a needle that must stand by itself.
func (h *haystack) word(kind, text, where string) {
	if text != "" {
		h.found = append(h.found, Needle{Kind: kind, Text: Fold(text), Where: where, word: true})
	}
}

// info adds what the document says as a whole.
func (h *haystack) info() {
	for _, name := range []string{"title", "summary", "version"} {
		h.add("description", at(h.root, "info", name).Value, "main")
	}
	h.prose("main", at(h.root, "info", "description"))
	for _, list := range []string{"servers", "tags"} {
		for _, item := range at(h.root, list).Content {
			h.add("name", value(item, "url")+value(item, "name"), "main")
			h.prose("main", at(item, "description"))
		}
	}
	for _, code := range at(h.root, "x-error-codes").Content {
		h.add("error code", value(code, "code"), value(code, "code"))
		for _, name := range []string{"status", "meaning", "message"} {
			h.add("description", value(code, name), value(code, "code"))
		}
	}
	for _, scope := range at(h.root, "x-scopes").Content {
		h.add("scope", value(scope, "scope"), value(scope, "scope"))
		h.prose(value(scope, "scope"), at(scope, "description"))
	}
	for _, list := range []string{"x-id-prefixes", "x-request-limits"} {
		for _, pair := range pairs(at(h.root, list)) {
			h.word("limit", pair.value.Value, "main")
		}
	}
	h.add("name", value(h.root, "x-webhook-test-secret"), "main")
	for _, scheme := range pairs(at(h.root, "components", "securitySchemes")) {
		h.add("name", scheme.key, "main")
		h.prose("main", at(scheme.value, "description"))
	}
}

// A pair is a member of a mapping.
type pair struct {
	key   string
	value *yaml.Node
}

// pairs lists the members of a mapping.
func pairs(node *yaml.Node) []pair {
	var list []pair
	if node != nil && node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			list = append(list, pair{node.Content[i].Value, node.Content[i+1]})
		}
	}
	return list
}

// at is the node at a path, or nil.
func at(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		list := pairs(node)
		i := slices.IndexFunc(list, func(p pair) bool { return p.key == name })
		if i < 0 {
			return nil
		}
		node = list[i].value
	}
	return node
}

// value is the scalar of a member, or "".
func value(node *yaml.Node, name string) string {
	if found := at(node, name); found != nil {
		return found.Value
	}
	return ""
}

// all lists a sequence's nodes.
func all(node *yaml.Node) []*yaml.Node {
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content
}

// follow resolves a reference and returns the name at its end.
func (h *haystack) follow(node *yaml.Node) (target *yaml.Node, name string) {
	ref := value(node, "$ref")
	if ref == "" {
		return node, ""
	}
	parts := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	return at(h.root, parts...), parts[len(parts)-1]
}
