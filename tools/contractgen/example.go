package main

import (
	"errors"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// payloadExample is the example of an event's body as JSON on one line, members in the contract's order. People read
// it to write a receiver, so an event without one is refused.
func (g *generator) payloadExample(key, webhook *yaml.Node) string {
	example := child(webhook, "post", "requestBody", "content", "application/json", "example")
	if example == nil {
		g.refuse(key, "the body of a webhook needs an example, as application/json")
		return ""
	}
	text, err := tree.JSON(example)
	if wrong := (*tree.NotJSON)(nil); errors.As(err, &wrong) {
		g.refuse(wrong.Node, "an example has %q, which JSON does not have; put text in quotes", wrong.Node.Value)
	}
	return text
}
