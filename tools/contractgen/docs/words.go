package docs

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// A word is a part of the name of a type; with an ID it is the name of a schema that is described there.
type word struct {
	Text, ID string
}

// words names the type of a schema for people: array of Course, string (date-time) or null.
func (r *reference) words(node *yaml.Node) []word {
	if name := ref(node); name != "" {
		named := word{name, name}
		if isScalar(r.schema(name)) {
			return append(r.words(r.schema(name)), word{", ", ""}, named)
		}
		return []word{named}
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		if list := tree.Items(tree.Child(node, keyword)); list != nil {
			return r.choice(node, list)
		}
	}
	if tree.Child(node, "allOf") != nil {
		return []word{{"object", ""}}
	}
	var all []word
	for _, name := range typeNames(node) {
		if all != nil {
			all = append(all, word{" or ", ""})
		}
		all = append(all, r.typed(name, node)...)
	}
	return all
}

// choice names a schema that is one of several.
func (r *reference) choice(node *yaml.Node, list []*yaml.Node) []word {
	var all []word
	for i, item := range list {
		if i > 0 {
			all = append(all, word{" or ", ""})
		}
		all = append(all, r.words(item)...)
	}
	if property := tree.Text(node, "discriminator", "propertyName"); property != "" {
		all = append(all, word{", as " + property + " says", ""})
	}
	return all
}

// typed names one of a schema's types.
func (r *reference) typed(name string, node *yaml.Node) []word {
	switch values := tree.Child(node, "additionalProperties"); {
	case name == "array":
		return append([]word{{"array of ", ""}}, r.words(tree.Child(node, "items"))...)
	case name == "object" && values != nil && values.Kind == yaml.MappingNode:
		return append(append([]word{{"object (map of string to ", ""}}, r.words(values)...), word{")", ""})
	case name == "null" || tree.Child(node, "format") == nil:
		return []word{{name, ""}}
	}
	return []word{{name + " (" + tree.Text(node, "format") + ")", ""}}
}

// A limit is a rule that a value keeps to. Code, if there is any, follows the text.
type limit struct {
	Text, Code string
}

// bounds are the pairs of keywords for a smallest and a largest, and what they count.
var bounds = []struct{ least, most, unit string }{
	{"minLength", "maxLength", " characters"}, {"minItems", "maxItems", " items"},
	{"minProperties", "maxProperties", " members"}, {"minimum", "maximum", ""},
}

// limits lists the rules of a schema.
func limits(node *yaml.Node) []limit {
	var list []limit
	for _, b := range bounds {
		least, most := tree.Text(node, b.least), tree.Text(node, b.most)
		switch {
		case least != "" && most != "":
			list = append(list, limit{Text: least + " to " + most + b.unit})
		case least != "":
			list = append(list, limit{Text: "at least " + least + b.unit})
		case most != "":
			list = append(list, limit{Text: "at most " + most + b.unit})
		}
	}
	if pattern := tree.Raw(node, "pattern"); pattern != "" {
		list = append(list, limit{"matches", pattern})
	}
	if constant := tree.Child(node, "const"); constant != nil {
		list = append(list, limit{"always", literal(constant)})
	}
	if tree.Text(node, "uniqueItems") == "true" {
		list = append(list, limit{Text: "each once"})
	}
	if tree.Text(node, "x-null-clears") == "true" {
		list = append(list, limit{Text: "an absent member stays, null clears it"})
	}
	if open := tree.Child(node, "additionalProperties"); open != nil && open.Kind == yaml.ScalarNode {
		list = append(list, limit{Text: map[string]string{"true": "any members", "false": "no other members"}[open.Value]})
	}
	return list
}

// plainWords is the name of a type without links.
func plainWords(words []word) string {
	var out strings.Builder
	for _, w := range words {
		out.WriteString(w.Text)
	}
	return out.String()
}
