package drift

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// object is a JSON object of the contract.
type object = map[string]any

// closed is the contract as it is judged by: every object of a schema takes the members that are named and no
// others. The published one leaves answers open, so that a new member breaks no client; but a member that a server
// sends and the contract does not name is drift, and redocly would let it pass.
func closed(bundle []byte) ([]byte, error) {
	document, err := read(bundle)
	if err != nil {
		return nil, err
	}
	c := &closer{schemas: member(member(document, "components"), "schemas")}
	for _, name := range slices.Sorted(maps.Keys(c.schemas)) {
		c.close(c.schemas[name])
	}
	c.closeInline(member(document, "paths"))
	c.closeInline(member(member(document, "components"), "responses"))
	if c.err != nil {
		return nil, c.err
	}
	return json.Marshal(document)
}

func read(bundle []byte) (object, error) {
	var document object
	if err := yaml.Unmarshal(bundle, &document); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	return document, nil
}

// member is a member that is an object; a missing one has no members.
func member(of object, name string) object {
	value, _ := of[name].(object)
	return value
}

// closer closes schemas in place.
type closer struct {
	schemas object
	err     error // the first that could not be closed
}

// closeInline closes the schemas that stand in responses themselves. Examples are no schemas, whatever they hold.
func (c *closer) closeInline(value any) {
	switch value := value.(type) {
	case object:
		for name, below := range value {
			switch name {
			case "schema":
				c.close(below)
			case "example", "examples":
			default:
				c.closeInline(below)
			}
		}
	case []any:
		for _, below := range value {
			c.closeInline(below)
		}
	}
}

// close closes a schema and those within it.
func (c *closer) close(value any) {
	schema, ok := value.(object)
	if !ok {
		return
	}
	if parts, ok := schema["allOf"].([]any); ok {
		c.merge(schema, parts)
	}
	for _, within := range member(schema, "properties") {
		c.close(within)
	}
	for _, keyword := range []string{"items", "additionalProperties"} {
		c.close(schema[keyword])
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		options, _ := schema[keyword].([]any)
		for _, option := range options {
			c.close(option)
		}
	}
	if _, open := schema["additionalProperties"]; !open && schema["properties"] != nil {
		schema["additionalProperties"] = false
	}
}

// merge puts the parts of an allOf into one schema: closed one by one, each would refuse the members of the others.
func (c *closer) merge(schema object, parts []any) {
	properties, required := object{}, []any{}
	for _, value := range append(parts, schema) {
		part, err := c.resolve(value)
		if err != nil {
			c.err = err
			return
		}
		maps.Copy(properties, member(part, "properties"))
		names, _ := part["required"].([]any)
		required = append(required, names...)
	}
	delete(schema, "allOf")
	schema["type"], schema["properties"], schema["required"] = "object", properties, required
}

// resolve follows a part's reference, and refuses a part that says more than which members there are.
func (c *closer) resolve(value any) (object, error) {
	part, _ := value.(object)
	if reference, ok := part["$ref"].(string); ok {
		part = member(c.schemas, strings.TrimPrefix(reference, "#/components/schemas/"))
	}
	for keyword := range part {
		if !slices.Contains([]string{"type", "properties", "required", "description", "title", "example", "examples", "allOf", "additionalProperties"}, keyword) {
			return nil, fmt.Errorf("an allOf of the contract has a part with %s, which is not known to be merged rightly", keyword)
		}
	}
	return part, nil
}
