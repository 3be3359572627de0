package samples

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// widest is how long a line of a literal gets before it is broken at its members.
const widest = 76

// A literal writes an example as JSON, or as TypeScript or Python, which differ in little.
type literal struct {
	member   func(name, value string) string
	variable func(v variable) string
	today    string            // how the first moment of this day is written
	padding  string            // what is within braces on one line
	trailing string            // what follows the last member on a line of its own
	indent   string            // of members on lines of their own; "" is two spaces
	words    map[string]string // what true, false and null are called, where not so
}

// write returns the text of a value. All lines but the first begin with margin.
func (l literal) write(node *yaml.Node, margin string) (string, error) {
	return l.fitted(node, margin, len(margin))
}

// fitted writes a value on one line if that fits behind what is already there, and else its members one a line.
func (l literal) fitted(node *yaml.Node, margin string, used int) (string, error) {
	flat, err := l.list(node, func(parts []string, opening, closing string) string {
		padding := l.padding
		if opening == "[" || len(parts) == 0 {
			padding = ""
		}
		return opening + padding + strings.Join(parts, ", ") + padding + closing
	}, func(below *yaml.Node, _ int) (string, error) { return l.fitted(below, "", -widest) })
	if err != nil || used+len(flat) <= widest || len(node.Content) == 0 {
		return flat, err
	}
	inner := margin + cmp.Or(l.indent, "  ")
	return l.list(node, func(parts []string, opening, closing string) string {
		return opening + "\n" + inner + strings.Join(parts, ",\n"+inner) + l.trailing + "\n" + margin + closing
	}, func(below *yaml.Node, name int) (string, error) { return l.fitted(below, inner, len(inner)+name) })
}

// list writes what is in a mapping or a sequence and joins it; a scalar is written alone.
func (l literal) list(node *yaml.Node, join func(parts []string, opening, closing string) string,
	write func(below *yaml.Node, name int) (string, error)) (string, error) {
	var parts []string
	switch node.Kind {
	case yaml.MappingNode:
		for name, below := range members(node) {
			text, err := write(below, len(l.member(name, "")))
			if err != nil {
				return "", err
			}
			parts = append(parts, l.member(name, text))
		}
		return join(parts, "{", "}"), nil
	case yaml.SequenceNode:
		for _, below := range node.Content {
			text, err := write(below, 0)
			if err != nil {
				return "", err
			}
			parts = append(parts, text)
		}
		return join(parts, "[", "]"), nil
	}
	return l.scalar(node)
}

// scalar writes a text, a number, true, false or null.
func (l literal) scalar(node *yaml.Node) (string, error) {
	switch tag := node.ShortTag(); {
	case tag == tagVariable:
		return l.variable(variable(node.Value)), nil
	case tag == tagToday:
		return l.today, nil
	case tag == "!!str":
		return jsonText(node.Value), nil
	case json.Valid([]byte(node.Value)):
		return cmp.Or(l.words[node.Value], node.Value), nil
	}
	return "", fmt.Errorf("line %d: %q is nothing that JSON has", node.Line, node.Value)
}

// jsonText is a JSON string that leaves < > and & as people write them.
func jsonText(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return strings.TrimSuffix(out.String(), "\n")
}
