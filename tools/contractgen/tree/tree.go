// Package tree walks the YAML nodes of a contract, which know the order and the line of everything.
package tree

import (
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Child returns the member of a mapping at a path, or nil.
func Child(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		var found *yaml.Node
		for key, value := range Members(node) {
			if key.Value == name {
				found = value
			}
		}
		if node = found; node == nil {
			return nil
		}
	}
	return node
}

// Text returns the scalar at a path below node, with line breaks folded into spaces, or "".
func Text(node *yaml.Node, path ...string) string {
	return strings.Join(strings.Fields(Raw(node, path...)), " ")
}

// Raw returns the scalar at a path below node as it is written, or "".
func Raw(node *yaml.Node, path ...string) string {
	if node = Child(node, path...); node == nil {
		return ""
	}
	return node.Value
}

// Members runs over a mapping's keys and values in the order of the file.
func Members(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}

// Items lists a sequence's nodes; none if there is no sequence.
func Items(node *yaml.Node) []*yaml.Node {
	if node == nil {
		return nil
	}
	return node.Content
}

// Follow returns the node of root that a local $ref of node leads to, and the reference. A node without one is
// returned itself; a reference that leads nowhere gives nil.
func Follow(root, node *yaml.Node) (target *yaml.Node, ref string) {
	link := Child(node, "$ref")
	if link == nil {
		return node, ""
	}
	target = root
	for _, token := range strings.Split(strings.TrimPrefix(link.Value, "#/"), "/") {
		target = Child(target, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return target, link.Value
}
