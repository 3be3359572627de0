package main

import (
	"strings"
)

// scopeSets allows no alternatives: with one entry and at most one scope, the reason of a 403 is never in doubt.
func scopeSets(c *contract, t *tally) {
	for _, o := range c.operations() {
		scopes, ok := o.scopes()
		t.add(ok && len(scopes) <= 1, o)
	}
}

// scopeCatalogue compares the catalogue with what the operations name: nothing undescribed, nothing unused.
func scopeCatalogue(c *contract, t *tally) {
	used := map[string]bool{}
	for _, o := range c.operations() {
		scopes, _ := o.scopes()
		for _, scope := range append(scopes, o.at("x-optional-scopes").strings()...) {
			used[scope] = true
		}
	}
	for _, entry := range c.top().at("x-scopes").each() {
		scope := entry.own("scope")
		t.add(entry.described() && used[scope], word("scope "+scope))
		delete(used, scope)
	}
	for scope := range used {
		t.add(false, word("scope "+scope), "not in x-scopes")
	}
}

// bearerScheme asks the scheme's own text to explain each scope, since no reader of OpenAPI shows x-scopes.
func bearerScheme(c *contract, t *tally) {
	scheme := c.top().at("components", "securitySchemes", "bearerAuth")
	t.add(scheme.own("type") == "http" && scheme.own("scheme") == "bearer", scheme)
	for _, entry := range c.top().at("x-scopes").each() {
		t.add(strings.Contains(scheme.own("description"), "`"+entry.own("scope")+"`: "), scheme, entry.own("scope"))
	}
}
