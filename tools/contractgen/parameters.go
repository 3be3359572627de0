package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// maxParameters is how many the runtime can count in its set of those given.
const maxParameters = 64

// parameterKeys are the members of a parameter object that contractgen understands or may ignore.
var parameterKeys = []string{"name", "in", "required", "description", "schema", "example", "examples", "deprecated"}

// parameterTable renders the table of an operation's parameters, "" if there are none.
func (g *generator) parameterTable(op operation) string {
	refs, nodes := op.parameters()
	if len(refs) > maxParameters {
		g.refuse(op.node, "more than %d parameters are not supported", maxParameters)
	}
	table := ""
	for i, ref := range refs {
		node, _ := g.follow(nodes[i])
		g.checkParameter(ref.Value, node)
		table += g.parameterRow(ref.Value, node) + ",\n"
	}
	return table
}

// checkParameter refuses what the runtime does not read the way the contract says.
func (g *generator) checkParameter(p *openapi3.Parameter, node *yaml.Node) {
	for key := range members(node) {
		if !slices.Contains(parameterKeys, key.Value) && !isAnnotation(key.Value) {
			g.refuse(key, "%q is not supported on a parameter", key.Value)
		}
	}
	if !slices.Contains([]string{"query", "path", "header"}, p.In) {
		g.refuse(child(node, "in"), "a parameter in %q is not supported", p.In)
	}
	if p.Schema == nil {
		g.refuse(node, "a parameter needs a schema")
	}
}

// parameterRow renders one parameter.
func (g *generator) parameterRow(p *openapi3.Parameter, node *yaml.Node) string {
	if p.Schema == nil {
		return ""
	}
	row := fmt.Sprintf("{name: %q", p.Name)
	switch p.In {
	case "path":
		row += ", in: inPath"
	case "header":
		row += fmt.Sprintf(", in: inHeader, key: %q", http.CanonicalHeaderKey(p.Name))
	}
	if p.Required && p.In != "path" {
		row += ", required: true"
	}
	return row + ", " + g.parameterRules(p, g.schema(p.Schema, child(node, "schema"))) + "}"
}

// parameterRules renders what a parameter's value must be.
func (g *generator) parameterRules(p *openapi3.Parameter, s schema) string {
	if s.nullable {
		g.refuse(s.node, "a parameter cannot be null")
	}
	switch s.kind {
	case "string":
		return "text: &" + g.stringRules(s, goName(p.Name))
	case "integer":
		return "integer: &" + g.integerRules(s)
	case "boolean":
		return "boolean: " + strconv.FormatBool(true)
	}
	g.refuse(s.node, "a parameter of type %q is not supported", s.kind)
	return ""
}
