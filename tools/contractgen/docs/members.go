package docs

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// A member is whatever has a name and a type: a property, a parameter, a header.
type member struct {
	ID, Name, In string // In is where a parameter is sent
	Type         []word
	Presence     string // required or optional, "" where neither is said
	Deprecated   string
	shape
	Object *object // the named schema that is described here and nowhere else
}

// A shape is what a schema says of a value.
type shape struct {
	About    prose
	Limits   []limit
	Values   []value // of an enum
	Default  string
	Examples []string
	Parts    []member // of an array, a map, or an object without a name
}

// A value is one of an enum.
type value struct {
	Text  string
	About prose
}

// An object is a named schema with all that is said of it.
type object struct {
	ID      string
	Type    []word
	Base    []word // whose members it has too
	Members []member
	shape
}

// ref is the name of the schema that a node refers to, or "".
func ref(node *yaml.Node) string {
	_, link := tree.Follow(nil, node)
	if link == "" {
		return ""
	}
	return link[len("#/components/schemas/"):]
}

// member describes a schema under a name. id is the anchor, "" for none.
func (r *reference) member(id, name string, node *yaml.Node) member {
	m := member{ID: id, Name: name, Type: r.words(node), Deprecated: r.notice(id, node)}
	if target := ref(node); target != "" {
		if m.Object = r.claim(target); m.Object == nil && isScalar(r.schema(target)) {
			m.shape = r.shape(id, r.schema(target))
			for i := range m.Values {
				m.Values[i].About = prose{} // said once, where the schema is described
			}
		}
		return m
	}
	m.shape = r.shape(id, node)
	return m
}

// shape reads what a schema that is not a reference says of its value.
func (r *reference) shape(id string, node *yaml.Node) shape {
	s := shape{About: r.prose(node, "description"), Limits: limits(node), Default: literal(tree.Child(node, "default"))}
	for _, item := range tree.Items(tree.Child(node, "enum")) {
		s.Values = append(s.Values, value{literal(item), r.prose(node, "x-enumDescriptions", item.Value)})
	}
	for _, example := range tree.Items(tree.Child(node, "examples")) {
		s.Examples = append(s.Examples, literal(example))
	}
	if example := tree.Child(node, "example"); example != nil {
		s.Examples = append(s.Examples, literal(example))
	}
	for _, part := range []struct{ keyword, name string }{
		{"propertyNames", "each key"}, {"additionalProperties", "each value"}, {"items", "each item"},
	} {
		if inner := tree.Child(node, part.keyword); inner != nil && inner.Kind == yaml.MappingNode {
			if m := r.member("", part.name, inner); m.Object != nil || ref(inner) == "" || isScalar(r.schema(ref(inner))) {
				s.Parts = append(s.Parts, m)
			}
		}
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		for _, inner := range tree.Items(tree.Child(node, keyword)) {
			if m := r.member("", "the object", inner); m.Object != nil {
				s.Parts = append(s.Parts, m)
			}
		}
	}
	s.Parts = append(s.Parts, r.properties(id, node)...)
	return s
}

// properties lists the members of an object, as sons of the anchor id.
func (r *reference) properties(id string, node *yaml.Node) []member {
	var list []member
	required := tree.Items(tree.Child(node, "required"))
	for key, inner := range tree.Members(tree.Child(node, "properties")) {
		m := r.member(id+"."+key.Value, key.Value, inner)
		m.Presence = "optional"
		if slices.ContainsFunc(required, func(n *yaml.Node) bool { return n.Value == key.Value }) {
			m.Presence = "required"
		}
		list = append(list, m)
	}
	return list
}

// object describes a named schema.
func (r *reference) object(name string) *object {
	node := r.schema(name)
	o := &object{ID: name, Type: r.words(node)}
	for _, part := range tree.Items(tree.Child(node, "allOf")) {
		if base := ref(part); base != "" {
			o.Base = append(o.Base, word{base, base})
		} else {
			o.Members = append(o.Members, r.properties(name, part)...)
			o.Limits = append(o.Limits, limits(part)...)
		}
	}
	o.shape = r.shape(name, node)
	o.Members = append(o.Members, o.named()...)
	return o
}

// named takes the members with anchors out of the parts.
func (s *shape) named() []member {
	var named, rest []member
	for _, part := range s.Parts {
		if part.ID != "" {
			named = append(named, part)
		} else {
			rest = append(rest, part)
		}
	}
	s.Parts = rest
	return named
}

// schema is the node of a named schema.
func (r *reference) schema(name string) *yaml.Node {
	return tree.Child(r.Contract, "components", "schemas", name)
}

// isScalar reports whether a schema is neither an object nor an array nor a choice.
func isScalar(node *yaml.Node) bool {
	names := typeNames(node)
	return len(names) > 0 && !slices.Contains(names, "object") && !slices.Contains(names, "array")
}

// typeNames lists the types that a schema names.
func typeNames(node *yaml.Node) []string {
	kind := tree.Child(node, "type")
	if kind == nil {
		return nil
	}
	if kind.Kind == yaml.ScalarNode {
		return []string{kind.Value}
	}
	var names []string
	for _, item := range kind.Content {
		names = append(names, item.Value)
	}
	return names
}

// literal is a value as people would type it: text without quotes, anything else as JSON.
func literal(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	if node.Kind == yaml.ScalarNode {
		return node.Value
	}
	text, err := tree.JSON(node)
	if err != nil {
		return node.Value
	}
	return text
}

// notice says since when something is deprecated and when it ends, and keeps its anchor for the list of all; or is "".
func (r *reference) notice(id string, node *yaml.Node) string {
	if tree.Text(node, "deprecated") != "true" {
		return ""
	}
	if id != "" {
		r.Deprecated = append(r.Deprecated, id)
	}
	return "Deprecated since " + tree.Text(node, "x-deprecated-at") + ", ends " + tree.Text(node, "x-sunset") + "."
}
