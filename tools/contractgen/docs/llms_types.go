package docs

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// send marks the schemas below a node of a request, and those inside them.
func (b *brief) send(node *yaml.Node) {
	if node == nil {
		return
	}
	target, link := tree.Follow(b.Contract, node)
	if name := strings.TrimPrefix(link, "#/components/schemas/"); name != link {
		if b.sent[name] {
			return
		}
		b.sent[name] = true
	}
	if target != node {
		b.send(target)
		return
	}
	for _, inner := range node.Content {
		b.send(inner)
	}
}

// types tells every schema that is not told elsewhere, each member on a line.
func (b *brief) types() {
	for key, node := range tree.Members(tree.Child(b.Contract, "components", "schemas")) {
		name := key.Value
		switch {
		case b.inlined[name] || b.plain(name):
			continue
		case tree.Child(node, "enum") != nil:
			b.line("\n%s: %s", name, b.values(node))
		case tree.Child(node, "properties") == nil && tree.Child(node, "allOf") == nil:
			b.line("\n%s: %s. %s", name, b.notation(node, true), tree.Text(node, "description"))
		default:
			b.object(name, node)
		}
	}
}

// plain reports whether a named schema is no more than a string or a number, such as an id: it is told where it is used.
func (b *brief) plain(name string) bool {
	return isScalar(b.schema(name)) && tree.Child(b.schema(name), "enum") == nil
}

// object tells a schema that has members.
func (b *brief) object(name string, node *yaml.Node) {
	head := "\n" + name + ":"
	for _, l := range limits(node) {
		head += " " + l.Text + ";"
	}
	parts := []*yaml.Node{node}
	for _, part := range tree.Items(tree.Child(node, "allOf")) {
		if base := ref(part); base != "" {
			head += " all members of " + base + ", and"
		} else {
			parts = append(parts, part)
		}
	}
	b.line("%s", strings.TrimSuffix(head, ";"))
	for _, part := range parts {
		for key, inner := range tree.Members(tree.Child(part, "properties")) {
			b.line("- %s", strings.TrimSuffix(b.named(key.Value, part, inner, b.sent[name])+". "+b.more(inner), ". "))
		}
	}
}

// about is the description of something, and when it ends, if that is known.
func (b *brief) about(node *yaml.Node) string {
	return strings.TrimSpace(b.notice("", node) + " " + tree.Text(node, "description"))
}

// more is the description of a member that says more than its name and its type do: it has a second sentence, a
// figure or a name. "When the course was created." stays away.
func (b *brief) more(node *yaml.Node) string {
	text := b.about(node)
	if strings.Contains(text, ". ") || strings.ContainsAny(text, "`0123456789") {
		return text
	}
	return ""
}

// named is a member of a schema as name: type, with a question mark if it may be left out.
func (b *brief) named(name string, of, node *yaml.Node, bounds bool) string {
	for _, required := range tree.Items(tree.Child(of, "required")) {
		if required.Value == name {
			return name + ": " + b.notation(node, bounds)
		}
	}
	return name + "?: " + b.notation(node, bounds)
}

// values lists what an enum has, with what each means; but that once.
func (b *brief) values(node *yaml.Node) string {
	var list []string
	for _, item := range tree.Items(tree.Child(node, "enum")) {
		text, meaning := exact(item), strings.TrimSuffix(tree.Text(node, "x-enumDescriptions", item.Value), ".")
		if meaning != "" && !b.told[text+meaning] {
			b.told[text+meaning] = true
			text += " (" + meaning + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, " | ")
}

// notation is the type of a value in one word or line.
func (b *brief) notation(node *yaml.Node, bounds bool) string {
	if name := ref(node); name != "" {
		if b.plain(name) {
			return b.notation(b.schema(name), bounds)
		}
		return name
	}
	var all []string
	for _, keyword := range []string{"oneOf", "anyOf"} {
		for _, item := range tree.Items(tree.Child(node, keyword)) {
			all = append(all, b.notation(item, bounds))
		}
	}
	for _, item := range tree.Items(tree.Child(node, "enum")) {
		all = append(all, exact(item))
	}
	if constant := tree.Child(node, "const"); constant != nil {
		all = append(all, exact(constant))
	}
	if all == nil {
		for _, name := range typeNames(node) {
			all = append(all, b.typed(name, node, bounds))
		}
	}
	text := strings.Join(all, "|")
	if bounds {
		text += rules(node)
	}
	return text
}

// exact is a value as JSON has it.
func exact(node *yaml.Node) string {
	if text, err := tree.JSON(node); err == nil {
		return text
	}
	return node.Value // refused where the contract is read
}

// typed is one of a schema's types.
func (b *brief) typed(name string, node *yaml.Node, bounds bool) string {
	switch values := tree.Child(node, "additionalProperties"); {
	case name == "array":
		return "[" + b.notation(tree.Child(node, "items"), bounds) + "]"
	case name == "object" && tree.Child(node, "properties") != nil:
		return b.inline(node, bounds)
	case name == "object" && values != nil && values.Kind == yaml.MappingNode:
		keys := "string"
		if inner := tree.Child(node, "propertyNames"); inner != nil {
			keys = b.notation(inner, bounds)
		}
		return "{" + keys + ": " + b.notation(values, bounds) + "}"
	case (name == "string" || name == "integer") && tree.Text(node, "format") != "":
		return tree.Text(node, "format")
	}
	return name
}

// inline is an object in one line.
func (b *brief) inline(node *yaml.Node, bounds bool) string {
	return "{" + strings.Join(b.members(node, bounds), ", ") + "}"
}

// members lists the members of an object, each as name: type.
func (b *brief) members(node *yaml.Node, bounds bool) (list []string) {
	for key, inner := range tree.Members(tree.Child(node, "properties")) {
		list = append(list, b.named(key.Value, node, inner, bounds))
	}
	return list
}

// rules are the bounds of a value, each after a space.
func rules(node *yaml.Node) (text string) {
	for _, pair := range bounds {
		least, most := tree.Text(node, pair.least), tree.Text(node, pair.most)
		switch {
		case least != "" && most != "":
			text += " " + least + ".." + most
		case least != "":
			text += " ≥" + least
		case most != "":
			text += " ≤" + most
		}
	}
	if pattern := tree.Raw(node, "pattern"); pattern != "" {
		text += " /" + pattern + "/"
	}
	if tree.Text(node, "uniqueItems") == "true" {
		text += " once"
	}
	if value := literal(tree.Child(node, "default")); value != "" {
		text += " =" + value
	}
	return text
}
