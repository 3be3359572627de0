package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// rateHeaderNames are spelled as the developer page spells them.
var rateHeaderNames = []string{
	"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
	"X-RateLimit-Daily-Limit", "X-RateLimit-Daily-Remaining", "X-RateLimit-Daily-Reset",
}

const errorSchemaPointer = "/components/schemas/ErrorResponse"

// commonAnswers asks for the failures that every call can meet.
func commonAnswers(c *contract, t *tally) {
	for _, o := range c.operations() {
		for _, status := range []string{"401", "403", "422", "429", "500"} {
			t.add(o.at("responses").has(status), o, status)
		}
	}
}

// notFoundAnswers asks for 404 wherever an id has to resolve.
func notFoundAnswers(c *contract, t *tally) {
	for _, o := range c.operations() {
		if o.takesID() {
			t.add(o.at("responses").has("404"), o)
		}
	}
}

// takesID tells whether an id is in the path or among the members of the body. A filter is not
// meant: there, an id that does not resolve matches nothing. Ids of other systems do not resolve here.
func (o operation) takesID() bool {
	if strings.Contains(o.path, "{") {
		return true
	}
	for _, name := range o.body().at("properties").keys() {
		if strings.HasSuffix(name, "Id") && name != "externalId" {
			return true
		}
	}
	return false
}

// errorSchema keeps the page's promise that a generic client can branch on error.code.
func errorSchema(c *contract, t *tally) {
	for _, a := range c.answers() {
		if a.failure() {
			t.add(a.schema().pointer == errorSchemaPointer, a, a.schema())
		}
	}
}

// errorCatalogue compares three lists of codes: the page's, the table's and the enum's.
func errorCatalogue(c *contract, t *tally) {
	table := c.top().at("x-error-codes")
	listed := map[string]place{}
	for _, entry := range table.each() {
		listed[entry.own("code")] = entry
	}
	enum := c.top().at("components", "schemas", "ErrorCode", "enum").strings()
	for _, code := range slices.Sorted(maps.Keys(c.promise.codes)) {
		entry := listed[code]
		ok := entry.own("meaning") != "" && entry.own("message") != "" && slices.Contains(enum, code)
		t.add(ok && entry.at("status").number() == c.promise.codes[code], word("code "+code))
	}
	t.add(len(listed) == len(c.promise.codes) && len(enum) == len(c.promise.codes), word("codes beyond the published ones"))
}

// errorExamples catches an example that was copied to another status.
func errorExamples(c *contract, t *tally) {
	for _, a := range c.answers() {
		if !a.failure() {
			continue
		}
		for _, value := range examples(a.at("content", "application/json")) {
			body, _ := value.(map[string]any)
			inner, _ := body["error"].(map[string]any)
			code, _ := inner["code"].(string)
			t.add(strconv.Itoa(c.promise.codes[code]) == a.status, a, code)
		}
	}
}

// rateHeaders holds "always present" to its word: errors and 304 included.
func rateHeaders(c *contract, t *tally) {
	for _, a := range c.answers() {
		for _, name := range append(rateHeaderNames, "X-Request-Id") {
			t.add(a.at("headers").has(name), a, name)
		}
	}
}

// retryAfter is on 429 and nowhere else, so that a client can branch on it.
func retryAfter(c *contract, t *tally) {
	for _, a := range c.answers() {
		t.add(a.at("headers").has("Retry-After") == (a.status == "429"), a)
	}
}

// authenticateHeader is what HTTP requires of a 401 (RFC 9110).
func authenticateHeader(c *contract, t *tally) {
	for _, a := range c.answers() {
		if a.status == "401" {
			t.add(a.at("headers").has("WWW-Authenticate"), a)
		}
	}
}

// headerDescriptions counts each header once, however many answers share it.
func headerDescriptions(c *contract, t *tally) {
	seen := map[string]bool{}
	for _, a := range c.answers() {
		for _, h := range a.at("headers").each() {
			if !seen[h.pointer] {
				seen[h.pointer] = true
				t.add(h.described(), h)
			}
		}
	}
}

// conditionalGets asks each GET for all that a cache needs: the tag, the question and the short answer. A stream
// has nothing to keep.
func conditionalGets(c *contract, t *tally) {
	for _, o := range c.operations() {
		if o.method != "GET" || o.at("responses", "200", "content").has(eventStream) {
			continue
		}
		t.add(o.header("If-None-Match").exists(), o, "If-None-Match")
		for _, status := range []string{"200", "304"} {
			t.add(o.at("responses", status, "headers").has("ETag", "Cache-Control", "Vary"), o, status)
		}
	}
}

// lists asks every answer with an array in data for the page's envelope, and its operation for
// the two shared parameters, so that no list pages in a way of its own.
func lists(c *contract, t *tally) {
	for _, o := range c.operations() {
		body := o.at("responses", "200", "content", "application/json", "schema")
		if o.method != "GET" || !body.at("properties", "data").is("array") {
			continue
		}
		required := body.at("required").strings()
		t.add(slices.Contains(required, "data") && slices.Contains(required, "pagination"), o, "envelope")
		t.add(body.at("properties", "pagination").pointer == "/components/schemas/Pagination", o, "pagination")
		t.add(o.references("Limit") && o.references("Cursor"), o, "limit and cursor")
	}
}

// idempotency asks for the shared parameter, so that no POST has rules of its own.
func idempotency(c *contract, t *tally) {
	for _, o := range c.operations() {
		if o.method == "POST" {
			t.add(o.references("IdempotencyKey"), o)
		}
	}
}
