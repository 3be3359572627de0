package samples

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A contract is what samples need to know of an OpenAPI document.
type contract struct {
	root       *yaml.Node
	operations []*operation
	byID       map[string]*operation
}

// An operation is one method of one path.
type operation struct {
	id     string
	method string // in capitals
	path   string
	node   *yaml.Node
}

// methods are the members of a path item that are operations.
var methods = map[string]bool{"get": true, "put": true, "post": true, "delete": true, "patch": true}

// read lists the operations of a bundle in its order.
func read(bundle []byte) (*contract, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(bundle, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, errors.New("the contract is empty")
	}
	c := &contract{root: document.Content[0], byID: map[string]*operation{}}
	for path, item := range members(child(c.root, "paths")) {
		for method, node := range members(item) {
			if !methods[method] {
				continue
			}
			op := &operation{id: child(node, "operationId").Value, method: strings.ToUpper(method), path: path, node: node}
			c.operations, c.byID[op.id] = append(c.operations, op), op
		}
	}
	return c, nil
}

// example returns an example of the operation's request body: the named one, or the first. It is nil if
// the operation takes no body.
func (c *contract) example(op *operation, name string) (*yaml.Node, error) {
	media := child(c.follow(child(op.node, "requestBody")), "content", "application/json")
	if media == nil {
		return nil, nil
	}
	if example := child(media, "example"); example != nil && name == "" {
		return example, nil
	}
	for key, example := range members(child(media, "examples")) {
		if key == name || name == "" {
			return child(c.follow(example), "value"), nil
		}
	}
	return nil, fmt.Errorf("the body of %s has no example %q", op.id, name)
}

// follow returns what a local $ref leads to; a node without one is returned itself.
func (c *contract) follow(node *yaml.Node) *yaml.Node {
	link := child(node, "$ref")
	if link == nil {
		return node
	}
	target := c.root
	for token := range strings.SplitSeq(strings.TrimPrefix(link.Value, "#/"), "/") {
		target = child(target, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return target
}

// child returns what is below node at a path of members, or nil.
func child(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		var found *yaml.Node
		for key, value := range members(node) {
			if key == name {
				found = value
			}
		}
		node = found
	}
	return node
}

// members runs over a mapping in the order of the file; over nothing if node is none.
func members(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}
