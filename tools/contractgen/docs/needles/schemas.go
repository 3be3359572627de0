package needles

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// schema adds what a schema says, of itself and of everything inside it.
func (h *haystack) schema(where string, node *yaml.Node) {
	target, name := h.follow(node)
	if name != "" {
		h.word("type", name, where)
		if kind := value(target, "type"); kind != "" && kind != "object" && kind != "array" {
			h.rules(where, target)
		}
		return
	}
	h.prose(where, at(node, "description"))
	h.rules(where, node)
	for _, property := range pairs(at(node, "properties")) {
		inner := where + "." + property.key
		h.word("property", property.key, inner)
		h.schema(inner, property.value)
	}
	for _, required := range all(at(node, "required")) {
		h.word("required", "required", where+"."+required.Value)
	}
	for _, keyword := range []string{"items", "additionalProperties", "propertyNames"} {
		if inner := at(node, keyword); inner != nil && inner.Kind == yaml.MappingNode {
			h.schema(where, inner)
		}
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		for _, inner := range all(at(node, keyword)) {
			if keyword == "allOf" { // a part's own description is not shown: the whole has one
				inner = without(inner, "description")
			}
			h.schema(where, inner)
		}
	}
}

// rules adds types, limits, enum values with their descriptions, defaults and examples.
func (h *haystack) rules(where string, node *yaml.Node) {
	if kind := at(node, "type"); kind != nil {
		h.word("type", kind.Value, where)
		for _, one := range all(kind) {
			h.word("type", one.Value, where)
		}
	}
	for _, keyword := range []string{"format", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
		"minimum", "maximum", "pattern", "const", "default"} {
		if rule := at(node, keyword); rule != nil && rule.Kind == yaml.ScalarNode {
			h.word("limit", rule.Value, where)
		}
	}
	for _, one := range all(at(node, "enum")) {
		h.add("enum value", one.Value, where)
	}
	for _, example := range all(at(node, "examples")) {
		if example.Kind == yaml.ScalarNode {
			h.add("example", example.Value, where)
		} else {
			h.leaves(example, "", func(_, leaf string) { h.add("example", leaf, where) })
		}
	}
	if !strings.Contains(where, ".") { // where a schema is described; elsewhere its values stand without their meaning
		for _, meaning := range pairs(at(node, "x-enumDescriptions")) {
			h.prose(where, meaning.value)
		}
	}
}

// without is a mapping less one member.
func without(node *yaml.Node, name string) *yaml.Node {
	rest := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != name {
			rest.Content = append(rest.Content, node.Content[i], node.Content[i+1])
		}
	}
	return rest
}
