package main

import (
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// An operation is one method of one path.
type operation struct {
	*openapi3.Operation
	item   *openapi3.PathItem
	method string // in capitals
	path   string
	node   *yaml.Node
	within *yaml.Node // the path item
}

// methods are the members of a path item that are operations.
var methods = map[string]bool{"get": true, "put": true, "post": true, "delete": true, "patch": true,
	"head": true, "options": true, "trace": true}

// operations lists all operations in the order of the contract.
func (c *contract) operations() []operation {
	var list []operation
	for path, itemNode := range members(child(c.root, "paths")) {
		item := c.doc.Paths.Value(path.Value)
		for key, node := range members(itemNode) {
			if methods[key.Value] {
				method := strings.ToUpper(key.Value)
				list = append(list, operation{item.GetOperation(method), item, method, path.Value, node, itemNode})
			}
		}
	}
	return list
}

// parameters lists the parameters of the path and of the operation, with their nodes.
func (op operation) parameters() (openapi3.Parameters, []*yaml.Node) {
	refs := append(append(openapi3.Parameters{}, op.item.Parameters...), op.Parameters...)
	var nodes []*yaml.Node
	for _, list := range []*yaml.Node{child(op.within, "parameters"), child(op.node, "parameters")} {
		if list != nil {
			nodes = append(nodes, list.Content...)
		}
	}
	return refs, nodes
}

// goName is the name that oapi-codegen gives to the operation's method.
func (op operation) goName() string {
	return goName(op.OperationID)
}

const operationType = `
// An Operation is one method of one path of the contract, with what a request to it must satisfy.
type Operation struct {
	// ID is the operationId, the key of RegisterHandlersOptions.OperationMiddlewares.
	ID string
	// Method is spelled as on the wire: methods are case-sensitive.
	Method string
	// Path is as in the contract, without the server's prefix: /courses/{id}. Route is the same as
	// echo writes it: /courses/:id.
	Path, Route string
	// Scope is what a key must hold; "" is any key.
	Scope string
	// Deprecation is nil unless the operation, or something in its request or responses, is deprecated.
	Deprecation *Deprecation
	// Decode checks all parameters and the body, strictly, and returns every violation at once.
	// Without issues, body is the typed body as a value, for Bind; nil if the operation takes none
	// or an optional one was not sent. With issues it is nil. Its strings may share the memory of
	// the whole body: clone what is kept for long.
	Decode func(in Input) (body any, issues []ErrorDetail)
}

// A Deprecation says since when and until when something can be used: the Deprecation (RFC 9745)
// and Sunset (RFC 8594) headers.
type Deprecation struct {
	At, Sunset time.Time
}

// OperationByID finds an operation by its operationId, or returns nil.
func OperationByID(id string) *Operation {
	for i := range Operations {
		if Operations[i].ID == id {
			return &Operations[i]
		}
	}
	return nil
}

// OperationFor finds an operation by method and path, in the spelling of the contract or of echo,
// without the server's prefix. It returns nil if there is none.
func OperationFor(method, path string) *Operation {
	for i := range Operations {
		op := &Operations[i]
		if op.Method == method && (op.Path == path || op.Route == path) {
			return op
		}
	}
	return nil
}
`

// braces finds the parameters of a path.
var braces = regexp.MustCompile(`\{([^}]+)\}`)

// operationTable writes type Operation and the table of all operations.
func (g *generator) operationTable(out *code) {
	out.text(operationType)
	out.line("\n// Operations are all operations of the contract, in its order.")
	out.line("var Operations = []Operation{")
	for _, op := range g.operations() {
		if op.OperationID == "" {
			g.refuse(op.node, "the operation has no operationId")
			continue
		}
		out.line("// %s: %s.", op.OperationID, strings.TrimSuffix(text(op.node, "summary"), "."))
		out.line("{")
		out.line("ID: %q, Method: %q,", op.OperationID, op.method)
		out.line("Path: %q, Route: %q,", op.path, braces.ReplaceAllString(op.path, ":$1"))
		if scope := g.scope(op); scope != "" {
			out.line("Scope: %s,", scopeName(scope))
		}
		if d := g.deprecation(op.node); d != "" {
			out.line("Deprecation: %s,", d)
		}
		out.line("Decode: decode%s,", op.goName())
		out.line("},")
	}
	out.line("}")
}

// scope returns the only scope of an operation, "" if any key will do.
func (g *generator) scope(op operation) string {
	security := child(op.node, "security")
	if security == nil || len(security.Content) != 1 {
		g.refuse(op.node, "%s %s needs one security requirement with one scope, such as security: [{bearerAuth: ['read:courses']}], or with none", op.method, op.path)
		return ""
	}
	var scopes []*yaml.Node
	for _, list := range members(security.Content[0]) {
		scopes = append(scopes, list.Content...)
	}
	switch {
	case len(scopes) == 0:
		return ""
	case len(scopes) > 1:
		g.refuse(security, "%s %s has several scopes, which is not supported", op.method, op.path)
	case !g.hasScope(scopes[0].Value):
		g.refuse(scopes[0], "scope %q is not in x-scopes", scopes[0].Value)
	}
	return scopes[0].Value
}
