package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
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
	if target, ref = tree.Follow(c.root, node); target == nil {
		c.refuse(child(node, "$ref"), "reference %q leads nowhere", ref)
		return node, ""
	}
	return target, ref
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

// The ways around a contract's nodes, under short names, since nearly every line here walks them.
var (
	child   = tree.Child
	text    = tree.Text
	members = tree.Members
	items   = tree.Items
)
