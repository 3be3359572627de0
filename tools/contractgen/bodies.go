package main

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/getkin/kin-openapi/openapi3"
)

// requestBody returns the name of the component that describes an operation's body, "" if it takes none.
func (g *generator) requestBody(op operation) (component string, required bool) {
	if op.RequestBody == nil {
		return "", false
	}
	node, _ := g.follow(child(op.node, "requestBody"))
	content := op.RequestBody.Value.Content
	if len(content) != 1 || content["application/json"] == nil {
		g.refuse(node, "a request body must be application/json alone")
		return "", false
	}
	schemaNode := child(node, "content", "application/json", "schema")
	s := g.schema(content["application/json"].Schema, schemaNode)
	if s.name == "" || s.kind != "object" || s.nullable {
		g.refuse(schemaNode, "a request body must refer to a named schema of type object")
		return "", false
	}
	g.want(s)
	return s.name, op.RequestBody.Value.Required
}

// want queues a component for which a decode function is needed.
func (g *generator) want(s schema) {
	if !slices.ContainsFunc(g.wanted, func(w schema) bool { return w.name == s.name }) {
		g.wanted = append(g.wanted, s)
	}
}

// decoders writes a decode function for every queued object schema. Writing one may queue more.
func (g *generator) decoders(out *code) {
	for i := 0; i < len(g.wanted); i++ {
		g.decoder(out, g.wanted[i])
	}
}

// decoder writes the decode function of one closed object.
func (g *generator) decoder(out *code, s schema) {
	if s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has {
		g.refuse(s.node, "an object of a request must be closed: additionalProperties: false")
	}
	if child(s.node, "propertyNames") != nil {
		g.refuse(child(s.node, "propertyNames"), "propertyNames is supported only on maps")
	}
	name := goName(s.name)
	out.line("\n// decode%s reads a %s.", name, name)
	out.line("func decode%s(b *body, n int32, dst *%s) {", name, name)
	out.line("if !b.object(n%s) {\nreturn\n}", g.requiredNames(s))
	if s.MinProps > 0 || s.MaxProps != nil {
		out.line("b.size(n, %s)", g.sizeRules(s.MinProps, s.MaxProps, "member"))
	}
	out.line("for m := b.nodes[n].child; m != 0; m = b.nodes[m].next {\nswitch b.nodes[m].name {")
	for key, node := range members(child(s.node, "properties")) {
		out.line("case %q:", key.Value)
		g.member(out, s, key.Value, node)
	}
	out.line("default:\nb.unknown(m)\n}\n}\n}")
}

// requiredNames lists the required members as arguments.
func (g *generator) requiredNames(s schema) string {
	list := ""
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			g.refuse(child(s.node, "required"), "required member %q is not among the properties", name)
		}
		list += fmt.Sprintf(", %q", name)
	}
	return list
}

// member writes how one member is decoded into its field.
func (g *generator) member(out *code, object schema, name string, node *yaml.Node) {
	s := g.schema(object.Properties[name], node)
	usedBy := goName(object.name) + goName(name)
	dst := "&dst." + goName(name)
	if s.nullable && object.nullClears() {
		g.clearable(out, object, s, name)
		dst = "sent"
	}
	// oapi-codegen makes a field a pointer when its member may be absent or null.
	if s.nullable || !slices.Contains(object.Required, name) {
		dst = "optional(" + dst + ")"
	}
	call := g.decodeCall(s, "m", dst, usedBy)
	if s.nullable {
		call = "if !b.null(m) {\n" + call + "\n}"
	}
	out.line("%s", call)
}

// nullClears reports whether a member of an object that is null means something else than an absent one.
func (s schema) nullClears() bool {
	return text(s.node, "x-null-clears") == "true"
}

// clearable writes the first half of a member with three states, whose field is a pointer to a pointer: nil if
// the member is absent, pointing to nil if it is null.
func (g *generator) clearable(out *code, object, s schema, name string) {
	if !s.listedInOverlay() || slices.Contains(object.Required, name) {
		g.refuse(s.node, "a member that null clears must be optional, and of a type that overlay.yaml lists")
	}
	out.line("sent := optional(&dst.%s)", goName(name))
}

// listedInOverlay reports whether overlay.yaml tells oapi-codegen the type of such a member if null clears it.
func (s schema) listedInOverlay() bool {
	if s.name != "" || len(s.Enum) > 0 {
		return false
	}
	switch s.kind {
	case "string":
		return s.Format != "date"
	case "integer":
		return s.Format != "int32"
	case "array":
		items := child(s.node, "items")
		return text(items, "type") == "string" && text(items, "format") == "" && child(items, "enum") == nil
	case "object":
		values := s.AdditionalProperties.Schema
		return values != nil && values.Value.Type.Includes("null") && values.Value.Format == ""
	}
	return false
}

// decodeCall renders the statements that decode node into dst, an expression of pointer type.
func (g *generator) decodeCall(s schema, node, dst, usedBy string) string {
	switch s.kind {
	case "string":
		return g.decodeText(s, node, dst, usedBy)
	case "integer":
		return fmt.Sprintf("decodeInteger(b, %s, %s, &%s)", node, dst, g.integerRules(s))
	case "number":
		return fmt.Sprintf("decodeNumber(b, %s, %s, &%s)", node, dst, g.numberRules(s))
	case "boolean":
		return fmt.Sprintf("decodeBoolean(b, %s, %s)", node, dst)
	case "array":
		return g.decodeArray(s, node, dst, usedBy)
	case "object":
		return g.decodeObject(s, node, dst, usedBy)
	}
	return ""
}

// decodeText renders the call for a string, a date or a time.
func (g *generator) decodeText(s schema, node, dst, usedBy string) string {
	rules := g.stringRules(s, usedBy)
	switch s.Format {
	case "date":
		return fmt.Sprintf("decodeDate(b, %s, &%s.Time, &%s)", node, strings.TrimPrefix(dst, "&"), rules)
	case "date-time":
		return fmt.Sprintf("decodeDateTime(b, %s, %s, &%s)", node, dst, rules)
	}
	return fmt.Sprintf("decodeString(b, %s, %s, &%s)", node, dst, rules)
}

// decodeArray renders the call for an array and, if it must be free of repetitions, the check of that.
func (g *generator) decodeArray(s schema, node, dst, usedBy string) string {
	if s.Items == nil {
		g.refuse(s.node, "an array of a request needs items")
		return ""
	}
	item := g.schema(s.Items, child(s.node, "items"))
	if item.nullable {
		g.refuse(item.node, "null as an item is not supported")
	}
	call := fmt.Sprintf("decodeArray(b, %s, %s, %s, %s)", node, dst,
		g.sizeRules(s.MinItems, s.MaxItems, "item"), g.itemDecoder(item, usedBy+"Item"))
	if s.UniqueItems {
		if item.kind == "array" || item.kind == "object" || item.kind == "number" {
			g.refuse(child(s.node, "uniqueItems"), "uniqueItems is not supported on items of type %s", item.kind)
		}
		call += fmt.Sprintf("\nb.unique(%s)", node)
	}
	return call
}

// decodeObject renders the call for a named object or for a map.
func (g *generator) decodeObject(s schema, node, dst, usedBy string) string {
	if s.AdditionalProperties.Schema == nil {
		if s.name == "" {
			g.refuse(s.node, "an object with properties needs a name: move it to components/schemas and refer to it")
			return ""
		}
		g.want(s)
		return fmt.Sprintf("decode%s(b, %s, %s)", goName(s.name), node, dst)
	}
	if len(s.Properties) > 0 {
		g.refuse(s.node, "an object with both properties and a schema of additionalProperties is not supported")
	}
	value := g.schema(s.AdditionalProperties.Schema, child(s.node, "additionalProperties"))
	return fmt.Sprintf("decodeMap(b, %s, %s, &mapRules{%s, %s}, %s)", node, dst,
		g.sizeRules(s.MinProps, s.MaxProps, "member"), g.nameRules(s, usedBy), g.valueDecoder(value, usedBy+"Value"))
}

// nameRules renders what the names of a map's members must satisfy.
func (g *generator) nameRules(s schema, usedBy string) string {
	node := child(s.node, "propertyNames")
	if node == nil {
		return "stringRules{}"
	}
	// JSON Schema lets propertyNames leave out the type, since a name is always a string.
	names := &openapi3.SchemaRef{Value: s.PropertyNames.Value, Ref: s.PropertyNames.Ref}
	target, _ := g.follow(node)
	rules := schema{Schema: names.Value, node: target, kind: "string"}
	g.checkKeywords(rules)
	return g.stringRules(rules, usedBy+"Name")
}

// itemDecoder renders the function that decodes an item of an array or a value of a map.
func (g *generator) itemDecoder(s schema, usedBy string) string {
	if s.kind == "object" && s.AdditionalProperties.Schema == nil && s.name != "" {
		g.want(s)
		return "decode" + goName(s.name)
	}
	return fmt.Sprintf("func(b *body, n int32, dst *%s) {\n%s\n}", g.goType(s), g.decodeCall(s, "n", "dst", usedBy))
}

// valueDecoder renders the function that decodes a value of a map, which may be null.
func (g *generator) valueDecoder(s schema, usedBy string) string {
	if !s.nullable {
		return g.itemDecoder(s, usedBy)
	}
	if s.kind != "string" || s.name != "" || g.goType(s) != "string" {
		g.refuse(s.node, "null as a value is supported beside plain strings alone")
	}
	return fmt.Sprintf("func(b *body, n int32, dst **string) {\nif !b.null(n) {\n%s\n}\n}", g.decodeCall(s, "n", "optional(dst)", usedBy))
}

// goType is the type that oapi-codegen gives to an item or a value.
func (g *generator) goType(s schema) string {
	switch {
	case s.name != "":
		return goName(s.name)
	case len(s.Enum) > 0:
		g.refuse(s.node, "an enum of items needs a name: move it to components/schemas and refer to it")
	case s.kind == "string" && s.Format == "date":
		g.typesImport = true
		return "openapi_types.Date"
	case s.kind == "string" && s.Format == "date-time":
		g.timeImport = true
		return "time.Time"
	case s.kind == "integer" && s.Format != "":
		return s.Format
	case s.kind == "array" || s.kind == "object":
		g.refuse(s.node, "an array or a map of arrays or maps is not supported")
	}
	return map[string]string{"string": "string", "integer": "int", "number": "float64", "boolean": "bool"}[s.kind]
}

// refName is the last part of a reference.
func refName(ref string) string {
	return ref[strings.LastIndex(ref, "/")+1:]
}
