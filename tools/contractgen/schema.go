package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// A schema is one JSON schema of a request: what kin-openapi read, and where it stands.
type schema struct {
	*openapi3.Schema
	node     *yaml.Node
	name     string // of the component, "" for a schema written in place
	kind     string // its only type beside null
	nullable bool
}

// annotations are keywords that say nothing about validity. A default is one of them: the handler
// applies it, so that an absent member stays distinguishable.
var annotations = []string{"title", "description", "default", "example", "examples", "deprecated"}

// keywords are the constraints that contractgen can turn into code, by type.
var keywords = map[string][]string{
	"string":  {"type", "enum", "minLength", "maxLength", "pattern", "format"},
	"integer": {"type", "format", "minimum", "maximum"},
	"number":  {"type", "format", "minimum", "maximum"},
	"boolean": {"type"},
	"array":   {"type", "items", "minItems", "maxItems", "uniqueItems"},
	"object": {"type", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
		"propertyNames"},
}

// formats are the string formats that the runtime checks, and its functions for them.
var formats = map[string]string{
	"date": "dateIssue", "date-time": "dateTimeIssue", "email": "emailIssue", "uri": "uriIssue",
}

// schema reads a schema of a request and refuses whatever it has that would not be checked.
func (c *contract) schema(ref *openapi3.SchemaRef, node *yaml.Node) schema {
	if inner, innerNode := c.orNull(ref, node); inner != nil {
		s := c.schema(inner, innerNode)
		s.nullable = true
		return s
	}
	target, link := c.follow(node)
	s := schema{Schema: ref.Value, node: target}
	if link != "" {
		s.name = link[strings.LastIndex(link, "/")+1:]
		c.onlyAnnotations(node)
	}
	for _, name := range ref.Value.Type.Slice() {
		switch {
		case name == "null":
			s.nullable = true
		case s.kind != "":
			c.refuse(target, "a schema of several types is not supported: %s and %s", s.kind, name)
		default:
			s.kind = name
		}
	}
	if keywords[s.kind] == nil {
		c.refuse(target, "a schema of a request needs a type")
	}
	c.checkKeywords(s)
	return s
}

// orNull returns the schema X of anyOf: [X, {type: 'null'}], the way to say that a named object may be null.
func (c *contract) orNull(ref *openapi3.SchemaRef, node *yaml.Node) (*openapi3.SchemaRef, *yaml.Node) {
	list := child(node, "anyOf")
	if list == nil || len(list.Content) != 2 || text(list.Content[1], "type") != "null" {
		return nil, nil
	}
	for key := range members(node) {
		if key.Value != "anyOf" && !isAnnotation(key.Value) {
			c.refuse(key, "keyword %q beside anyOf is not supported", key.Value)
		}
	}
	return ref.Value.AnyOf[0], list.Content[0]
}

// onlyAnnotations refuses constraints beside a $ref: generators disagree on what they mean.
func (c *contract) onlyAnnotations(node *yaml.Node) {
	for key := range members(node) {
		if key.Value != "$ref" && !isAnnotation(key.Value) {
			c.refuse(key, "keyword %q beside a $ref is not supported", key.Value)
		}
	}
}

func isAnnotation(keyword string) bool {
	return slices.Contains(annotations, keyword) || strings.HasPrefix(keyword, "x-")
}

// checkKeywords refuses every constraint that the type's generator does not know.
func (c *contract) checkKeywords(s schema) {
	for key, value := range members(s.node) {
		if isAnnotation(key.Value) || s.kind == "" {
			continue
		}
		if !slices.Contains(keywords[s.kind], key.Value) {
			c.refuse(key, "keyword %q is not supported on type %s in a request", key.Value, s.kind)
			continue
		}
		c.checkKeyword(s, key.Value, value)
	}
}

// checkKeyword refuses values of a known keyword that the runtime would not check as JSON Schema does.
func (c *contract) checkKeyword(s schema, keyword string, value *yaml.Node) {
	switch keyword {
	case "format":
		c.checkFormat(s, value)
	case "enum":
		c.checkEnum(s, value)
	}
}

// checkPatterns refuses regular expressions that Go does not have, anywhere below node. It runs before
// kin-openapi, which would refuse them too, but without a line.
func (c *contract) checkPatterns(node *yaml.Node) {
	for key, value := range members(node) {
		if _, err := regexp.Compile(value.Value); key.Value == "pattern" && err != nil {
			c.refuse(value, "pattern %q is not a regular expression of Go: %v", value.Value, err)
		}
	}
	for _, inner := range node.Content {
		c.checkPatterns(inner)
	}
}

func (c *contract) checkFormat(s schema, value *yaml.Node) {
	known := map[string][]string{"integer": {"int32", "int64"}, "number": {"double"}}[s.kind]
	if s.kind == "string" {
		known = []string{"date", "date-time", "email", "uri"}
	}
	if !slices.Contains(known, value.Value) {
		c.refuse(value, "format %q is not supported on type %s: one of %s is", value.Value, s.kind, strings.Join(known, ", "))
	}
}

// checkEnum wants strings, and null exactly where the type allows it: otherwise a validator of JSON
// Schema and the generated code would judge null differently.
func (c *contract) checkEnum(s schema, value *yaml.Node) {
	hasNull := false
	for _, item := range value.Content {
		switch item.Tag {
		case "!!null":
			hasNull = true
		case "!!str":
		default:
			c.refuse(item, "enum value %s is not a string", item.Value)
		}
	}
	if hasNull != s.nullable {
		c.refuse(value, "an enum must list null exactly if its type does")
	}
}

// stringRules renders the rules of a string schema. Names of patterns come from where they are first used.
func (g *generator) stringRules(s schema, usedBy string) string {
	var fields []string
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	if s.MinLength > 0 {
		add("min", strconv.FormatUint(s.MinLength, 10))
	}
	if s.MaxLength != nil {
		add("max", strconv.FormatUint(*s.MaxLength, 10))
		if *s.MaxLength == 0 {
			g.refuse(child(s.node, "maxLength"), "maxLength 0 is not supported")
		}
	}
	if len(s.Enum) > 0 {
		add("oneOf", fmt.Sprintf("[]string{%s}", enumValues(s)))
	}
	if s.Pattern != "" {
		add("pattern", g.pattern(s.Pattern, usedBy))
	}
	if check := formats[s.Format]; check != "" {
		add("format", check)
	}
	return "stringRules{" + strings.Join(fields, ", ") + "}"
}

// enumValues lists the values of an enum, without null.
func enumValues(s schema) string {
	var list []string
	for _, value := range s.Enum {
		if text, ok := value.(string); ok {
			list = append(list, strconv.Quote(text))
		}
	}
	return strings.Join(list, ", ")
}

// pattern returns the variable that holds a compiled regular expression.
func (g *generator) pattern(expression, usedBy string) string {
	for _, p := range g.patterns {
		if p.expression == expression {
			return p.name
		}
	}
	p := pattern{name: "pattern" + usedBy, expression: expression}
	g.patterns = append(g.patterns, p)
	return p.name
}

// integerRules renders the rules of an integer schema, whose bounds must be given and must fit.
func (g *generator) integerRules(s schema) string {
	lowest, highest := int64(math.MinInt64), int64(math.MaxInt64)
	if s.Format == "int32" {
		lowest, highest = math.MinInt32, math.MaxInt32
	}
	least, most := child(s.node, "minimum"), child(s.node, "maximum")
	if least == nil || most == nil {
		g.refuse(s.node, "an integer of a request needs a minimum and a maximum")
		return "integerRules{}"
	}
	low, lowErr := strconv.ParseInt(least.Value, 10, 64)
	high, highErr := strconv.ParseInt(most.Value, 10, 64)
	if lowErr != nil || highErr != nil || low < lowest || high > highest {
		g.refuse(least, "the bounds of an integer must be integers that fit its format")
	}
	return fmt.Sprintf("integerRules{%d, %d}", low, high)
}

// numberRules renders the rules of a number schema.
func (g *generator) numberRules(s schema) string {
	if s.Min == nil || s.Max == nil || s.Format != "double" {
		g.refuse(s.node, "a number of a request needs a minimum, a maximum and the format double")
		return "numberRules{}"
	}
	return fmt.Sprintf("numberRules{%v, %v}", *s.Min, *s.Max)
}

// sizeRules renders the bounds of an array's items or an object's members.
func (g *generator) sizeRules(least uint64, most *uint64, noun string) string {
	high := uint64(0)
	if most != nil {
		high = *most
	}
	return fmt.Sprintf("sizeRules{%d, %d, %q}", least, high, noun)
}
