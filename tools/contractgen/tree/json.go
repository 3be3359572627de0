package tree

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A NotJSON is a scalar of YAML that JSON does not have, such as a date without quotes.
type NotJSON struct {
	Node *yaml.Node
}

func (e *NotJSON) Error() string {
	return fmt.Sprintf("line %d: an example has %q, which JSON does not have; put text in quotes", e.Node.Line, e.Node.Value)
}

// JSON is a node as compact JSON, members in the order of the file. Aliases do not occur in a bundle.
func JSON(node *yaml.Node) (string, error) {
	var out strings.Builder
	if err := writeJSON(&out, node); err != nil {
		return "", err
	}
	return out.String(), nil
}

// Indented is a node as JSON over several lines, two spaces a level.
func Indented(node *yaml.Node) (string, error) {
	compact, err := JSON(node)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(compact), "", "  "); err != nil {
		return "", err
	}
	return out.String(), nil
}

func writeJSON(out *strings.Builder, node *yaml.Node) error {
	switch node.Kind {
	case yaml.MappingNode:
		separator := "{"
		for key, value := range Members(node) {
			out.WriteString(separator + jsonText(key.Value) + ":")
			if err := writeJSON(out, value); err != nil {
				return err
			}
			separator = ","
		}
		if separator == "{" {
			out.WriteString(separator)
		}
		out.WriteString("}")
	case yaml.SequenceNode:
		out.WriteString("[")
		for i, item := range node.Content {
			if i > 0 {
				out.WriteString(",")
			}
			if err := writeJSON(out, item); err != nil {
				return err
			}
		}
		out.WriteString("]")
	default:
		return writeScalar(out, node)
	}
	return nil
}

// writeScalar keeps a number as it is written where JSON has it, so that none is rounded.
func writeScalar(out *strings.Builder, node *yaml.Node) error {
	switch tag := node.ShortTag(); {
	case tag == "!!null":
		out.WriteString("null")
	case tag == "!!str":
		out.WriteString(jsonText(node.Value))
	case (tag == "!!bool" || tag == "!!int" || tag == "!!float") && json.Valid([]byte(node.Value)):
		out.WriteString(node.Value)
	default:
		return &NotJSON{Node: node}
	}
	return nil
}

// jsonText is a JSON string that leaves < > and & as people write them.
func jsonText(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return strings.TrimSuffix(out.String(), "\n")
}
