package docs

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// shared tells the headers of answers, and the parameters that several operations have.
func (b *brief) shared() {
	b.line("\n**Headers of answers**\n")
	for name, node := range tree.Members(tree.Child(b.Contract, "components", "headers")) {
		b.line("- %s: %s. %s", name.Value, b.notation(tree.Child(node, "schema"), false), b.about(node))
	}
	b.line("\n**Parameters that several operations have**\n")
	for _, node := range tree.Members(tree.Child(b.Contract, "components", "parameters")) {
		b.line("- %s. %s", b.parameter(node), b.about(node))
	}
}

// parameter is a parameter as place, name: type.
func (b *brief) parameter(node *yaml.Node) string {
	name := tree.Text(node, "name")
	if tree.Text(node, "required") != "true" {
		name += "?"
	}
	return tree.Text(node, "in") + " " + name + ": " + b.notation(tree.Child(node, "schema"), true)
}

// operations tells the operations of a group: the call, what it takes and gives in one line, and then what it does.
func (b *brief) operations(g group) {
	for _, op := range g.Operations {
		node := tree.Child(b.Contract, "paths", op.Path, strings.ToLower(op.Method))
		takes := b.parameters(node)
		if body := tree.Child(node, "requestBody"); body != nil {
			takes = append(takes, "body "+b.sentType(body)+optional(body))
		}
		b.line("\n`%s %s` %s, %s", op.Method, op.Path, op.OperationID, strings.ReplaceAll(op.permission(), "`", ""))
		b.line("- takes %s", strings.Join(takes, "; "))
		b.line("- gives %s", strings.Join(b.answers(node), "; "))
		for _, answer := range tree.Members(tree.Child(node, "responses")) {
			b.ownHeaders(answer)
		}
		b.line("- %s", b.fresh(node))
	}
}

// ownHeaders tells the headers that no other answer has.
func (b *brief) ownHeaders(answer *yaml.Node) {
	for name, header := range tree.Members(tree.Child(answer, "headers")) {
		if tree.Child(header, "$ref") == nil {
			b.line("- header %s: %s. %s", name.Value, b.notation(tree.Child(header, "schema"), false), b.about(header))
		}
	}
}

// sentence ends where a full stop is followed by white space.
var sentence = regexp.MustCompile(`(?:[^.]|\.\S)*\.?\s*`)

// fresh is a description without the sentences that operations before had word for word.
func (b *brief) fresh(node *yaml.Node) (text string) {
	for _, one := range sentence.FindAllString(b.about(node), -1) {
		if one = strings.TrimSpace(one); one != "" && !b.told[one] {
			b.told[one] = true
			text += " " + one
		}
	}
	return strings.TrimSpace(text)
}

// optional says so of a body that may be left out.
func optional(body *yaml.Node) string {
	if tree.Text(body, "required") == "true" {
		return ""
	}
	return ", or none"
}

// sentType is the type of a body, with its media type where it is not JSON.
func (b *brief) sentType(body *yaml.Node) string {
	for media, content := range tree.Members(tree.Child(body, "content")) {
		text := b.notation(tree.Child(content, "schema"), true)
		if media.Value != jsonMedia {
			text = media.Value + " " + text
		}
		return text
	}
	return ""
}

// parameters names those that several operations have, and tells the others.
func (b *brief) parameters(node *yaml.Node) (list []string) {
	for _, parameter := range tree.Items(tree.Child(node, "parameters")) {
		target, link := tree.Follow(b.Contract, parameter)
		if link != "" {
			list = append(list, tree.Text(target, "name"))
		} else {
			list = append(list, b.parameter(target)+aside(b.more(target)))
		}
	}
	return list
}

// answers tells the successes, what each means if there are several, and the statuses of all answers that not every
// operation has.
func (b *brief) answers(node *yaml.Node) (list []string) {
	var others, meanings []string
	for status, answer := range tree.Members(tree.Child(node, "responses")) {
		if tree.Child(answer, "$ref") == nil {
			list = append(list, status.Value+" "+b.answered(answer))
			meanings = append(meanings, aside(tree.Text(answer, "description")))
		} else if !slices.Contains(b.always, status.Value) {
			others = append(others, status.Value)
		}
	}
	for i := range list {
		if len(list) > 1 {
			list[i] += meanings[i]
		}
	}
	return append(list, others...)
}

// aside is a text in brackets.
func aside(text string) string {
	if text == "" {
		return ""
	}
	return " (" + strings.TrimSuffix(text, ".") + ")"
}

// answered is the type of an answer, with its members if it is told nowhere else.
func (b *brief) answered(answer *yaml.Node) string {
	schema := tree.Child(answer, "content", jsonMedia, "schema")
	if schema == nil {
		return b.sentType(answer)
	}
	if name := ref(schema); b.inlined[name] {
		return b.inline(b.schema(name), false)
	}
	return b.notation(schema, false)
}

// events tells what is delivered: what all events have, and then what each has beside it.
func (b *brief) events() {
	common := b.alike()
	b.line("Every event has {%s}, and beside it:\n", strings.Join(common, ", "))
	for _, op := range b.Webhooks.Operations {
		node := tree.Child(b.Contract, "webhooks", op.ID, strings.ToLower(op.Method))
		own := slices.DeleteFunc(b.members(b.schema(eventOf(node)), false), func(m string) bool { return slices.Contains(common, m) })
		b.line("- `%s` %s {%s}. %s", op.ID, eventOf(node), strings.Join(own, ", "), b.fresh(node))
	}
	b.line("\nHeaders of every delivery:\n")
	for _, op := range b.Webhooks.Operations {
		for _, parameter := range tree.Items(tree.Child(b.Contract, "webhooks", op.ID, strings.ToLower(op.Method), "parameters")) {
			parameter, _ = tree.Follow(b.Contract, parameter)
			if name := tree.Text(parameter, "name"); !b.told[name] {
				b.told[name] = true
				b.line("- %s %s: %s", tree.Text(parameter, "in"), name, b.about(parameter))
			}
		}
	}
	b.signed()
}

// eventOf is the name of the schema that a webhook delivers.
func eventOf(webhook *yaml.Node) string {
	return ref(tree.Child(webhook, "requestBody", "content", jsonMedia, "schema"))
}

// alike lists the members that all events have alike.
func (b *brief) alike() (members []string) {
	for i, op := range b.Webhooks.Operations {
		these := b.members(b.schema(eventOf(tree.Child(b.Contract, "webhooks", op.ID, strings.ToLower(op.Method)))), false)
		if i == 0 {
			members = these
		}
		members = slices.DeleteFunc(members, func(m string) bool { return !slices.Contains(these, m) })
	}
	return members
}

// signed gives the shortest signed example, to try a verifier with.
func (b *brief) signed() {
	var shortest *signedExample
	for _, op := range b.Webhooks.Operations {
		if op.Signed != nil && (shortest == nil || len(op.Signed.Body) < len(shortest.Body)) {
			shortest = op.Signed
		}
	}
	if shortest != nil {
		b.line("\nTo try a verifier: the secret `%s`, now being %s in Unix seconds, the signature `%s`, and exactly these bytes:", b.TestSecret, shortest.Timestamp, shortest.Signature)
		b.fence("json", shortest.Body)
	}
}
