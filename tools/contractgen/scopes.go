package main

import "go.yaml.in/yaml/v3"

// scopeList writes the scopes of x-scopes, in their order.
func (g *generator) scopeList(out *code) {
	list := g.extension("x-scopes")
	out.line("\n// The scopes that a key can hold.\nconst (")
	for _, node := range list.Content {
		g.needs(node, "scope", "description")
		out.line("// %s: %s", scopeName(text(node, "scope")), text(node, "description"))
		out.line("%s = %q", scopeName(text(node, "scope")), text(node, "scope"))
	}
	out.line(")")
	out.text(`
// A ScopeInfo is one scope, and what it is for.
type ScopeInfo struct {
	Scope, Description string
}

// Scopes are all scopes of the contract, in its order.
var Scopes = []ScopeInfo{
`)
	for _, node := range list.Content {
		out.line("{%s, %q},", scopeName(text(node, "scope")), text(node, "description"))
	}
	out.line("}")
}

// scopeName is the constant of a scope: read:live_sessions is ScopeReadLiveSessions.
func scopeName(scope string) string {
	return "Scope" + ownName(scope)
}

// hasScope reports whether the contract declares a scope.
func (c *contract) hasScope(scope string) bool {
	for _, node := range c.extension("x-scopes").Content {
		if text(node, "scope") == scope {
			return true
		}
	}
	return false
}

// needs refuses an entry of an extension that lacks one of its members.
func (c *contract) needs(node *yaml.Node, names ...string) {
	for _, name := range names {
		if text(node, name) == "" {
			c.refuse(node, "%s is missing here", name)
		}
	}
}
