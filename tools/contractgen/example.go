package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// payloadExample is the example of an event's body as JSON on one line, members in the contract's order. People read
// it to write a receiver, so an event without one is refused.
func (g *generator) payloadExample(key, webhook *yaml.Node) string {
	example := child(webhook, "post", "requestBody", "content", "application/json", "example")
	if example == nil {
		g.refuse(key, "the body of a webhook needs an example, as application/json")
		return ""
	}
	var out strings.Builder
	g.writeJSON(&out, example)
	return out.String()
}

// writeJSON writes a YAML value as compact JSON. Aliases do not occur in a bundle.
func (g *generator) writeJSON(out *strings.Builder, node *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		separator := "{"
		for key, value := range members(node) {
			out.WriteString(separator + jsonText(key.Value) + ":")
			g.writeJSON(out, value)
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
			g.writeJSON(out, item)
		}
		out.WriteString("]")
	default:
		g.writeScalar(out, node)
	}
}

// writeScalar keeps a number as it is written where JSON has it, so that none is rounded.
func (g *generator) writeScalar(out *strings.Builder, node *yaml.Node) {
	switch tag := node.ShortTag(); {
	case tag == "!!null":
		out.WriteString("null")
	case tag == "!!str":
		out.WriteString(jsonText(node.Value))
	case (tag == "!!bool" || tag == "!!int" || tag == "!!float") && json.Valid([]byte(node.Value)):
		out.WriteString(node.Value)
	default:
		g.refuse(node, "an example has %q, which JSON does not have; put text in quotes", node.Value)
	}
}

// jsonText is a JSON string that leaves < > and & as people write them.
func jsonText(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return strings.TrimSuffix(out.String(), "\n")
}
