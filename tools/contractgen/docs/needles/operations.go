package needles

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// operation adds one method of one path.
func (h *haystack) operation(path, method string, node *yaml.Node) {
	id := value(node, "operationId")
	h.add("path", strings.ToUpper(method)+" "+path, id)
	h.call(id, node)
	for _, requirement := range all(at(node, "security")) {
		for _, scopes := range pairs(requirement) {
			for _, scope := range all(scopes.value) {
				h.add("scope", scope.Value, id)
				h.add("path", path, scope.Value)
			}
		}
	}
	for _, scope := range all(at(node, "x-optional-scopes")) {
		h.add("scope", scope.Value, id)
	}
}

// webhook adds one event.
func (h *haystack) webhook(event string, node *yaml.Node) {
	h.add("event", event, event)
	h.call(event, node)
	for _, signed := range pairs(at(node, "x-signed-example")) {
		h.add("example", signed.value.Value, event)
	}
}

// call adds what operations and webhooks have in common.
func (h *haystack) call(where string, node *yaml.Node) {
	h.add("name", value(node, "operationId"), where)
	h.add("description", value(node, "summary"), where)
	h.prose(where, at(node, "description"))
	for _, parameter := range all(at(node, "parameters")) {
		h.parameter(where, parameter)
	}
	if body := at(node, "requestBody"); body != nil {
		h.prose(where, at(body, "description"))
		h.content(where, body)
		h.examples(where, body)
	}
	for _, answer := range pairs(at(node, "responses")) {
		inner := where + "." + answer.key
		h.word("status", answer.key, inner)
		if _, name := h.follow(answer.value); name != "" {
			target, _ := h.follow(answer.value)
			h.add("error code", h.errorCode(target, name), inner)
			continue
		}
		h.answer(inner, answer.value)
		h.examples(where, answer.value)
	}
}

// parameter adds a parameter of an operation.
func (h *haystack) parameter(of string, node *yaml.Node) {
	node, _ = h.follow(node)
	where := of + "." + value(node, "name")
	h.add("parameter", value(node, "name"), where)
	h.word("parameter", value(node, "in"), where)
	h.prose(where, at(node, "description"))
	h.add("example", value(node, "example"), where)
	if value(node, "required") == "true" {
		h.word("required", "required", where)
	}
	schema := at(node, "schema")
	if value(schema, "$ref") != "" { // whose own examples are another's
		_, name := h.follow(schema)
		h.word("type", name, where)
		return
	}
	h.schema(where, schema)
	for _, meaning := range pairs(at(schema, "x-enumDescriptions")) {
		h.prose(where, meaning.value)
	}
}

// answer adds a response: its text, the headers that not every response has, its type.
func (h *haystack) answer(where string, node *yaml.Node) {
	h.prose(where, at(node, "description"))
	for _, header := range pairs(at(node, "headers")) {
		if !h.onEveryAnswer(header.key) {
			h.add("header", header.key, where)
		}
		if value(header.value, "$ref") == "" {
			h.prose(where+"."+header.key, at(header.value, "description"))
			h.schema(where+"."+header.key, at(header.value, "schema"))
		}
	}
	h.content(where, node)
}

// content adds media types and the names of schemas.
func (h *haystack) content(where string, node *yaml.Node) {
	for _, content := range pairs(at(node, "content")) {
		h.add("media type", content.key, where)
		h.schema(where, at(content.value, "schema"))
	}
}

// errorCode is the code in an error's example, or else the name of the answer.
func (h *haystack) errorCode(answer *yaml.Node, name string) string {
	code := name
	for _, content := range pairs(at(answer, "content")) {
		for _, example := range pairs(at(content.value, "examples")) {
			code = at(example.value, "value", "error", "code").Value
		}
	}
	return code
}

// onEveryAnswer reports whether all answers of all operations have a header.
func (h *haystack) onEveryAnswer(header string) bool {
	for _, path := range pairs(at(h.root, "paths")) {
		for _, op := range pairs(path.value) {
			for _, answer := range pairs(at(op.value, "responses")) {
				if target, _ := h.follow(answer.value); at(target, "headers", header) == nil {
					return false
				}
			}
		}
	}
	return true
}

// examples adds every member of every example as "name": value, as JSON has it.
func (h *haystack) examples(where string, node *yaml.Node) {
	for _, content := range pairs(at(node, "content")) {
		list := []*yaml.Node{at(content.value, "example")}
		for _, named := range pairs(at(content.value, "examples")) {
			h.add("description", value(named.value, "summary"), where)
			list = append(list, at(named.value, "value"))
		}
		for _, example := range list {
			switch {
			case example == nil:
			case example.Kind == yaml.ScalarNode:
				h.add("example", example.Value, where)
			default:
				h.leaves(example, "", func(name, leaf string) { h.add("example", name+leaf, where) })
			}
		}
	}
}

// leaves visits the scalars below a node, as JSON, with the name of the member that has them.
func (h *haystack) leaves(node *yaml.Node, name string, visit func(name, leaf string)) {
	switch node.Kind {
	case yaml.MappingNode:
		for _, member := range pairs(node) {
			h.leaves(member.value, `"`+member.key+`": `, visit)
		}
	case yaml.SequenceNode:
		for _, item := range node.Content {
			h.leaves(item, "", visit)
		}
	default:
		leaf := node.Value
		if node.ShortTag() == "!!str" {
			var quoted strings.Builder
			encoder := json.NewEncoder(&quoted)
			encoder.SetEscapeHTML(false)
			_ = encoder.Encode(leaf) // a string always encodes
			leaf = quoted.String()
		}
		visit(name, leaf)
	}
}
