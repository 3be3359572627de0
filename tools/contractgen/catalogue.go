package main

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// prefixList writes the id prefixes of x-id-prefixes.
func (g *generator) prefixList(out *code) {
	out.line("\n// Ids are a prefix, which says what they name, and a ULID.\nconst (")
	for key, value := range members(g.extension("x-id-prefixes")) {
		if !strings.HasSuffix(value.Value, "_") {
			g.refuse(value, "an id prefix must end in an underscore")
		}
		out.line("Prefix%s = %q", ownName(key.Value), value.Value)
	}
	out.line(")")
}

// headerList writes the names of all headers of the contract in their published spelling, which
// http.Header.Set would change: assign to the map instead.
func (g *generator) headerList(out *code) {
	names := map[string]bool{}
	for _, op := range g.operations() {
		g.headerNames(op.within, op.node, names)
	}
	for _, webhook := range members(child(g.root, "webhooks")) {
		g.headerNames(webhook, child(webhook, "post"), names)
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	out.line("\n// The names of headers in their published spelling. http.Header.Set would send another one:\n" +
		"// assign to the map instead.\nconst (")
	for _, name := range sorted {
		out.line("Header%s = %q", ownName(strings.TrimPrefix(name, "X-")), name)
	}
	out.line(")")
}

// headerNames collects the header parameters and the response headers of one operation.
func (g *generator) headerNames(item, op *yaml.Node, names map[string]bool) {
	for _, list := range []*yaml.Node{child(item, "parameters"), child(op, "parameters")} {
		for _, parameter := range items(list) {
			parameter, _ = g.follow(parameter)
			if text(parameter, "in") == "header" {
				names[text(parameter, "name")] = true
			}
		}
	}
	for _, response := range members(child(op, "responses")) {
		response, _ = g.follow(response)
		for name := range members(child(response, "headers")) {
			names[name.Value] = true
		}
	}
}

// limitList writes the bounds of request bodies, and those of the envelope that the runtime keeps to.
func (g *generator) limitList(out *code) {
	limits := g.extension("x-request-limits")
	schemas := child(g.root, "components", "schemas")
	out.line("\n// The limits of a request body.\nconst (")
	out.line("// MaxBodyBytes is the longest body, in bytes.\nMaxBodyBytes = %d", g.number(limits, "maxBodyBytes"))
	out.line("// MaxBodyDepth is how deep arrays and objects may nest.\nMaxBodyDepth = %d", g.number(limits, "maxDepth"))
	out.line("\nmaxDetails = %d", g.number(schemas, "ErrorBody", "properties", "details", "maxItems"))
	out.line("maxFieldLength = %d", g.number(schemas, "ErrorDetail", "properties", "field", "maxLength"))
	out.line("maxIssueLength = %d", g.number(schemas, "ErrorDetail", "properties", "issue", "maxLength"))
	out.line(")")
}

// number reads a positive integer of the contract.
func (g *generator) number(node *yaml.Node, path ...string) int {
	value, err := strconv.Atoi(text(node, path...))
	if err != nil || value < 1 {
		at := node
		if at == nil {
			at = g.root
		}
		g.refuse(at, "%s must be a positive integer", strings.Join(path, "."))
	}
	return value
}
