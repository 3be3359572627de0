package main

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// oas30Same are the keywords that mean the same in 3.0 and 3.1.
var oas30Same = strings.Fields(`title description format default enum multipleOf minimum maximum minLength maxLength
	pattern minItems maxItems uniqueItems minProperties maxProperties required properties items additionalProperties
	allOf oneOf anyOf not nullable readOnly writeOnly deprecated example discriminator externalDocs xml`)

// oas30Dropped are constraints that 3.0 has no word for: without them the copy accepts more, never less.
var oas30Dropped = strings.Fields(`if then else $comment patternProperties propertyNames contains minContains
	maxContains unevaluatedItems unevaluatedProperties dependentSchemas dependentRequired contentMediaType
	contentEncoding contentSchema`)

// schema rewrites a schema and all schemas within it.
func (o *oas30) schema(node *yaml.Node) {
	if child(node, "$ref") != nil {
		o.reference(node)
		return
	}
	o.nullAlternative(node)
	o.types(node)
	o.constant(node)
	o.bound(node, "exclusiveMinimum", "minimum")
	o.bound(node, "exclusiveMaximum", "maximum")
	o.firstExample(node)
	for _, keyword := range oas30Dropped {
		remove(node, keyword)
	}
	for key, value := range members(node) {
		o.keyword(key, value)
	}
}

// keyword descends into the schemas of a keyword, and refuses one that 3.0 would not understand.
func (o *oas30) keyword(key, value *yaml.Node) {
	switch key.Value {
	case "properties":
		for _, property := range members(value) {
			o.schema(property)
		}
	case "items", "not", "additionalProperties":
		o.schema(value)
	case "allOf", "anyOf", "oneOf":
		for _, alternative := range value.Content {
			o.schema(alternative)
		}
	case "type", "exclusiveMinimum", "exclusiveMaximum":
	default:
		if !strings.HasPrefix(key.Value, "x-") && !slices.Contains(oas30Same, key.Value) {
			o.refuse(key, "keyword %q has no counterpart in OpenAPI 3.0", key.Value)
		}
	}
}

// reference drops what stands beside a $ref, which 3.0 ignores.
func (o *oas30) reference(node *yaml.Node) {
	link := child(node, "$ref")
	node.Content = []*yaml.Node{scalar("$ref"), link}
}

// types turns [string, "null"] into string and nullable.
func (o *oas30) types(node *yaml.Node) {
	types := child(node, "type")
	if types == nil || types.Kind != yaml.SequenceNode {
		return
	}
	var named []*yaml.Node
	for _, name := range types.Content {
		if name.Value != "null" {
			named = append(named, name)
		}
	}
	if len(named) != 1 {
		o.refuse(types, "a schema of several types has no counterpart in OpenAPI 3.0")
		return
	}
	if len(named) < len(types.Content) {
		set(node, "nullable", truth())
	}
	set(node, "type", named[0])
}

// nullAlternative turns anyOf or oneOf of a schema and null into that schema, nullable.
func (o *oas30) nullAlternative(node *yaml.Node) {
	for _, keyword := range []string{"anyOf", "oneOf"} {
		list := child(node, keyword)
		if list == nil {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(list.Content), func(n *yaml.Node) bool { return text(n, "type") == "null" })
		if len(rest) == len(list.Content) {
			continue
		}
		set(node, "nullable", truth())
		if len(rest) > 1 {
			list.Content = rest
			continue
		}
		// 3.0 wants the type beside nullable, and ignores nullable beside a $ref.
		target, _ := o.follow(rest[0])
		if kind := text(target, "type"); kind != "" {
			set(node, "type", scalar(kind))
		}
		remove(node, keyword)
		set(node, "allOf", sequence(rest...))
		child(node, "allOf").Style = 0
	}
}

// constant turns const into an enum of one value.
func (o *oas30) constant(node *yaml.Node) {
	if value := child(node, "const"); value != nil {
		set(node, "enum", sequence(value))
		remove(node, "const")
	}
}

// bound turns a numeric exclusive bound into a bound and a flag.
func (o *oas30) bound(node *yaml.Node, exclusive, inclusive string) {
	value := child(node, exclusive)
	if value == nil || value.Tag == "!!bool" {
		return
	}
	if child(node, inclusive) != nil {
		o.refuse(value, "%s beside %s has no counterpart in OpenAPI 3.0", exclusive, inclusive)
	}
	set(node, inclusive, value)
	set(node, exclusive, truth())
}

// firstExample turns the list of examples into the one that 3.0 allows.
func (o *oas30) firstExample(node *yaml.Node) {
	examples := child(node, "examples")
	if examples == nil || examples.Kind != yaml.SequenceNode {
		return
	}
	if len(examples.Content) > 0 && child(node, "example") == nil {
		set(node, "example", examples.Content[0])
	}
	remove(node, "examples")
}
