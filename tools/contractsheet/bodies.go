package main

import (
	"regexp"
	"slices"
)

// requestsClosed asks every object inside a request body to refuse what it does not name. A map
// whose values have a schema is such an object too.
func requestsClosed(c *contract, t *tally) {
	for _, o := range c.operations() {
		within(o.body(), map[string]bool{}, func(s place) {
			if s.is("object") {
				extra := s.step("additionalProperties").value
				_, typed := extra.(map[string]any)
				t.add(extra == false || typed, s)
			}
		})
	}
}

// eachSent visits every object that the service sends, in answers and in webhooks, once.
func (c *contract) eachSent(visit func(place)) {
	seen := map[string]bool{}
	objects := func(s place) {
		if s.is("object") {
			visit(s)
		}
	}
	for _, a := range c.answers() {
		within(a.schema(), seen, objects)
	}
	for _, o := range c.webhooks() {
		within(o.body(), seen, objects)
	}
}

// answersOpen asks that clients are never told to refuse a member that is added later.
func answersOpen(c *contract, t *tally) {
	c.eachSent(func(s place) {
		t.add(s.step("additionalProperties").value != false, s)
	})
}

var camelCase = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)

// envelopeMembers are the event envelope's, which the developer page spells with underscores.
var envelopeMembers = []string{"created_at", "workspace_id", "previous_attributes"}

// memberNames holds the one spelling of all members.
func memberNames(c *contract, t *tally) {
	c.eachSchema(func(s place) {
		for _, name := range s.step("properties").keys() {
			t.add(camelCase.MatchString(name) || slices.Contains(envelopeMembers, name), s.step("properties").step(name))
		}
	})
}

// nullableRequired asks that a client finds null, never nothing.
func nullableRequired(c *contract, t *tally) {
	c.eachSent(func(s place) {
		required := s.step("required").strings()
		for _, name := range s.step("properties").keys() {
			if property := s.at("properties", name); property.nullable() {
				t.add(slices.Contains(required, name), property)
			}
		}
	})
}

func (p place) nullable() bool {
	if slices.Contains(p.step("type").strings(), "null") || p.own("type") == "null" {
		return true
	}
	return slices.ContainsFunc(p.at("anyOf").each(), place.nullable)
}

// within visits all schemas that a body can contain, through references, each once.
func within(s place, seen map[string]bool, visit func(place)) {
	s = s.followed()
	if !s.exists() || seen[s.pointer] {
		return
	}
	seen[s.pointer] = true
	visit(s)
	next := []place{s.at("items"), s.at("additionalProperties")}
	for _, key := range []string{"properties", "allOf", "anyOf", "oneOf"} {
		next = append(next, s.at(key).each()...)
	}
	for _, n := range next {
		if _, ok := n.value.(map[string]any); ok {
			within(n, seen, visit)
		}
	}
}
