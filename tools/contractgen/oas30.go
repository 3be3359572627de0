package main

import (
	"bytes"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An oas30 turns a copy of the contract into OpenAPI 3.0.3, for tools that stop there. What 3.0
// cannot say it leaves out or keeps as an extension; what it does not know it refuses.
type oas30 struct {
	*contract
}

// oas30Copy renders the 3.0.3 copy of a contract.
func oas30Copy(c *contract) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(c.raw, &document); err != nil {
		return nil, err
	}
	o := &oas30{contract: c}
	root := document.Content[0]
	o.document(root)
	if err := c.err(); err != nil {
		return nil, err
	}
	document.HeadComment = "# Made from " + filepath.Base(c.file) + " by contractgen, for tools that stop at OpenAPI 3.0. Do not edit."
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

// document changes what 3.0 spells differently at the top.
func (o *oas30) document(root *yaml.Node) {
	child(root, "openapi").Value = "3.0.3"
	remove(root, "jsonSchemaDialect")
	rename(root, "webhooks", "x-webhooks")
	info := child(root, "info")
	rename(info, "summary", "x-summary")
	if license := child(info, "license"); child(license, "identifier") != nil && child(license, "url") == nil {
		identifier := text(license, "identifier")
		set(license, "url", scalar("https://spdx.org/licenses/"+identifier+".html"))
		remove(license, "identifier")
	}
	remove(child(root, "components"), "pathItems")
	for _, node := range members(child(root, "components", "schemas")) {
		o.schema(node)
	}
	o.walk(root)
}

// walk changes everything outside schemas: it finds those, and the scopes that 3.0 knows only for
// OAuth. Examples are data and extensions are free, so it leaves them alone.
func (o *oas30) walk(node *yaml.Node) {
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			o.walk(item)
		}
	}
	for key, value := range members(node) {
		switch {
		case key.Value == "schema":
			o.schema(value)
		case key.Value == "schemas" || key.Value == "example" || key.Value == "examples":
		case key.Value == "x-webhooks":
			o.walk(value)
		case key.Value == "security":
			o.security(node, value)
		case !strings.HasPrefix(key.Value, "x-"):
			o.walk(value)
		}
	}
}

// security empties the scopes of a bearer scheme and keeps them as x-required-scopes.
func (o *oas30) security(holder, requirements *yaml.Node) {
	var scopes []*yaml.Node
	for _, requirement := range requirements.Content {
		for _, list := range members(requirement) {
			scopes = append(scopes, list.Content...)
			list.Content = nil
			list.Style = yaml.FlowStyle
		}
	}
	if len(scopes) > 0 {
		set(holder, "x-required-scopes", &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: scopes})
	}
}

// remove deletes a member of a mapping.
func remove(node *yaml.Node, name string) {
	for i := 0; node != nil && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			node.Content = append(node.Content[:i:i], node.Content[i+2:]...)
			return
		}
	}
}

// rename gives a member of a mapping another name.
func rename(node *yaml.Node, from, to string) {
	for key := range members(node) {
		if key.Value == from {
			key.Value = to
		}
	}
}

// set adds a member to a mapping or replaces its value.
func set(node *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, scalar(name), value)
}

// scalar makes a string node.
func scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// truth makes a node of the boolean true.
func truth() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}
}

// sequence makes a list in one line.
func sequence(nodes ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle, Content: nodes}
}
