package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// eachSchema visits every schema that is written down, once: the named ones, those of shared
// parameters, headers and responses, those inside operations, and all that they contain.
func (c *contract) eachSchema(visit func(place)) {
	components := c.top().at("components")
	for _, name := range components.at("schemas").keys() {
		walk(components.at("schemas").step(name), visit)
	}
	for _, section := range []string{"parameters", "headers"} {
		for _, p := range components.at(section).each() {
			walk(p.step("schema"), visit)
		}
	}
	for _, o := range c.all() {
		for _, p := range o.parameters() {
			if strings.HasPrefix(p.pointer, o.item.pointer) {
				walk(p.step("schema"), visit)
			}
		}
		walk(o.at("requestBody", "content", "application/json").step("schema"), visit)
		for _, a := range o.answers() {
			if strings.HasPrefix(a.pointer, o.pointer) {
				walk(a.at("content", "application/json").step("schema"), visit)
			}
		}
	}
}

// walk visits a schema and what is inside it. References are left to where they lead.
func walk(s place, visit func(place)) {
	if !s.exists() || s.has("$ref") {
		return
	}
	visit(s)
	for _, key := range []string{"items", "additionalProperties", "propertyNames"} {
		if _, ok := s.step(key).value.(map[string]any); ok {
			walk(s.step(key), visit)
		}
	}
	for _, name := range s.step("properties").keys() {
		walk(s.step("properties").step(name), visit)
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := s.step(key).value.([]any)
		for i := range list {
			walk(s.step(key).step(strconv.Itoa(i)), visit)
		}
	}
}

// types are the types of a schema but for null, which says only that the value may be missing.
func (p place) types() []string {
	list := p.step("type").strings()
	if one := p.own("type"); one != "" {
		list = []string{one}
	}
	return slices.DeleteFunc(list, func(t string) bool { return t == "null" })
}

func (p place) is(kind string) bool { return slices.Contains(p.types(), kind) }

func (p place) scalar() bool {
	return p.is("string") || p.is("integer") || p.is("number") || p.is("boolean")
}

// ofParameter tells whether the schema belongs to a parameter, whose description and example are its own.
func (p place) ofParameter() bool { return strings.Contains(p.pointer, "/parameters/") }

// schemaDescriptions counts the named schemas: their texts become the comments of generated types.
func schemaDescriptions(c *contract, t *tally) {
	schemas := c.top().at("components", "schemas")
	for _, name := range schemas.keys() {
		t.add(schemas.at(name).described(), schemas.step(name))
	}
}

// propertyDescriptions counts every property. One that is a reference is described where that leads.
func propertyDescriptions(c *contract, t *tally) {
	c.eachSchema(func(s place) {
		for _, name := range s.step("properties").keys() {
			property := s.step("properties").step(name)
			t.add(property.described() || property.followed().described(), property)
		}
	})
}

// enumDescriptions asks what each value means. An enum of one value says it in its own description.
func enumDescriptions(c *contract, t *tally) {
	c.eachSchema(func(s place) {
		values := s.at("enum").strings()
		if len(values) < 2 {
			return
		}
		for _, value := range values {
			t.add(s.at("x-enumDescriptions").own(value) != "", s, value)
		}
	})
}

// stringBounds asks how long a string can get, which is what whoever stores it needs to know.
func stringBounds(c *contract, t *tally) {
	c.eachSchema(func(s place) {
		if s.is("string") {
			t.add(s.has("maxLength") || s.has("enum") || s.has("const") || s.has("format") || s.has("pattern"), s)
		}
	})
}

// arrayBounds asks how many entries there can be.
func arrayBounds(c *contract, t *tally) {
	c.eachSchema(func(s place) {
		if s.is("array") {
			t.add(s.has("maxItems"), s)
		}
	})
}

// numberBounds asks for both ends, so that a client can choose a type that holds all values.
func numberBounds(c *contract, t *tally) {
	c.eachSchema(func(s place) {
		if s.is("integer") || s.is("number") {
			t.add(s.has("minimum", "maximum"), s)
		}
	})
}

var idPattern = regexp.MustCompile(`^\^([a-z]{3}_)`)

// idPrefixes asks that no pattern uses a prefix that the catalogue does not list, and that the
// catalogue lists none twice.
func idPrefixes(c *contract, t *tally) {
	listed := map[string]bool{}
	prefixes := c.top().at("x-id-prefixes")
	for _, key := range prefixes.keys() {
		prefix := prefixes.own(key)
		t.add(strings.HasSuffix(prefix, "_") && !listed[prefix], prefixes.step(key))
		listed[prefix] = true
	}
	c.eachSchema(func(s place) {
		if m := idPattern.FindStringSubmatch(s.own("pattern")); m != nil {
			t.add(listed[m[1]], s, m[1])
		}
	})
}

// number reads an integer of the contract, -1 if it is none.
func (p place) number() int {
	n, ok := p.value.(json.Number)
	if !ok {
		return -1
	}
	i, err := strconv.Atoi(n.String())
	if err != nil {
		return -1
	}
	return i
}
