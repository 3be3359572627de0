package main

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// A contract is one bundled OpenAPI document, read twice: by kin-openapi, which validates it and
// resolves its references, and as YAML nodes, which know the order and the line of everything.
type contract struct {
	file     string
	raw      []byte
	doc      *openapi3.T
	root     *yaml.Node
	problems []problem
}

// A problem is something in the contract that contractgen cannot turn into code.
type problem struct {
	line int
	text string
}

// load reads and validates a contract.
func load(file string) (*contract, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("%s: empty", file)
	}
	c := &contract{file: filepath.ToSlash(file), raw: raw, root: document.Content[0]}
	if c.checkPatterns(c.root); c.err() != nil {
		return nil, c.err()
	}
	loader := openapi3.NewLoader()
	if c.doc, err = loader.LoadFromData(raw); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := c.doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("%s: not a valid OpenAPI document: %w", file, err)
	}
	return c, nil
}

// refuse records a problem at node. Generation goes on, so that all problems are told at once.
func (c *contract) refuse(node *yaml.Node, format string, args ...any) {
	c.problems = append(c.problems, problem{node.Line, fmt.Sprintf(format, args...)})
}

// err joins all problems in the order of their lines, or is nil.
func (c *contract) err() error {
	slices.SortStableFunc(c.problems, func(a, b problem) int { return a.line - b.line })
	var list []error
	for _, p := range slices.Compact(c.problems) {
		list = append(list, fmt.Errorf("%s:%d: %s", c.file, p.line, p.text))
	}
	return errors.Join(list...)
}

// follow returns the node that a local $ref leads to, and the reference; a node without one is returned itself.
func (c *contract) follow(node *yaml.Node) (target *yaml.Node, ref string) {
	link := child(node, "$ref")
	if link == nil {
		return node, ""
	}
	target = c.root
	for _, token := range strings.Split(strings.TrimPrefix(link.Value, "#/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		if target = child(target, token); target == nil {
			c.refuse(link, "reference %q leads nowhere", link.Value)
			return node, ""
		}
	}
	return target, link.Value
}

// extension returns a required x- member of the document.
func (c *contract) extension(name string) *yaml.Node {
	node := child(c.root, name)
	if node == nil {
		c.refuse(c.root, "the document has no %s", name)
		return &yaml.Node{Kind: yaml.MappingNode, Line: c.root.Line}
	}
	return node
}

// child returns a member of a mapping, or nil.
func child(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		var found *yaml.Node
		for key, value := range members(node) {
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

// text returns the scalar at a path below node, with line breaks folded into spaces, or "".
func text(node *yaml.Node, path ...string) string {
	if node = child(node, path...); node == nil {
		return ""
	}
	return strings.Join(strings.Fields(node.Value), " ")
}

// members runs over a mapping's keys and values in the order of the file.
func members(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
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

// items lists a sequence's nodes; none if there is no sequence.
func items(node *yaml.Node) []*yaml.Node {
	if node == nil {
		return nil
	}
	return node.Content
}
