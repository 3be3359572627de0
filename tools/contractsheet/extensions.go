package main

import (
	"slices"
	"strconv"
	"strings"
)

// known are the extensions that EXTENSIONS.md explains.
var known = []string{
	"x-deprecated-at", "x-enumDescriptions", "x-error-codes", "x-id-prefixes", "x-not-subscribable", "x-null-clears",
	"x-optional-scopes", "x-request-limits", "x-scopes", "x-signed-example", "x-sunset", "x-webhook-test-secret",
}

// knownExtensions asks that nobody meets an x- that is explained nowhere.
func knownExtensions(c *contract, t *tally) { countExtensions(c.top(), t) }

// countExtensions goes through everything, values of extensions included, and follows no reference.
func countExtensions(p place, t *tally) {
	for _, key := range p.keys() {
		if strings.HasPrefix(key, "x-") {
			t.add(slices.Contains(known, key), p.step(key))
		}
		countExtensions(p.step(key), t)
	}
	list, _ := p.value.([]any)
	for i := range list {
		countExtensions(p.step(strconv.Itoa(i)), t)
	}
}
