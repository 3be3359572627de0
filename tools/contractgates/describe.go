package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// describe says a change in a sentence for people who use the API; "" for one that another entry tells already.
func (c *comparison) describe(ch change) string {
	r := ch.redocly
	if ch.impact == breaking {
		return ch.place + ": " + strings.TrimSuffix(ch.text, ".") + "."
	}
	switch r.Kind {
	case "added":
		return describeAdded(r)
	case "modified":
		return c.describeModified(r)
	}
	return "`" + ch.place + "` is gone."
}

// describeAdded names what is new by what it is. A kind of event is told by its webhook.
func describeAdded(r *redoclyChange) string {
	pointer, value := r.pointer(), object(r.Revision.Value)
	keys := strings.Split(pointer, "/")
	switch {
	case strings.Contains(pointer, "/discriminator/"), strings.Contains(pointer, "/Event/oneOf/"):
		return ""
	case r.TypeName == "PathItem":
		return describePath(pointer, value)
	case r.TypeName == "Operation":
		return describeOperation(placeOf(pointer), value)
	case r.TypeName == "Schema" && len(keys) > 2 && keys[len(keys)-2] == "properties":
		owner := placeOf(strings.Join(keys[:len(keys)-2], "/"))
		return fmt.Sprintf("`%s` gains `%s`%s", owner, unescape(keys[len(keys)-1]), because(value["description"]))
	case r.TypeName == "Parameter" && value["name"] != nil:
		return fmt.Sprintf("`%s` takes `%v` (%v)%s", topPlace(pointer), value["name"], value["in"], because(value["description"]))
	case r.TypeName == "Response":
		return fmt.Sprintf("`%s` may answer %s%s", topPlace(pointer), keys[len(keys)-1], because(value["description"]))
	}
	return "`" + placeOf(pointer) + "` is new."
}

// describePath tells each operation of a new address, or a new webhook, which has one operation. What else an address
// holds, such as shared parameters, is told with the operations.
func describePath(pointer string, item map[string]any) string {
	var lines []string
	for _, method := range slices.Sorted(maps.Keys(item)) {
		operation := object(item[method])
		if operation["operationId"] == nil {
			continue
		}
		place := strings.ToUpper(method) + " " + placeOf(pointer)
		if strings.HasPrefix(pointer, "#/webhooks/") {
			place = placeOf(pointer)
		}
		lines = append(lines, describeOperation(place, operation))
	}
	return strings.Join(lines, "\n- ")
}

// describeOperation gives the name that every client has for it, and what it is for.
func describeOperation(place string, operation map[string]any) string {
	return fmt.Sprintf("`%s` (`%v`)%s", place, operation["operationId"], because(operation["summary"]))
}

// describeModified tells old and new. What is deprecated is told with both its dates.
func (c *comparison) describeModified(r *redoclyChange) string {
	owner := strings.TrimSuffix(r.pointer(), "/"+r.Property)
	place := placeOf(owner)
	now := c.current.object(owner)
	switch {
	case r.Property == "deprecated" && now["deprecated"] == true:
		return fmt.Sprintf("`%s` is deprecated since %s and ends %s.", place, day(moment(now["x-deprecated-at"])), day(moment(now["x-sunset"])))
	case r.Property == "x-deprecated-at", r.Property == "x-sunset" && r.Base != nil && r.Base.Value == nil:
		return ""
	case r.Property == "enum":
		return gained(place, "may also be", "is no longer", r)
	case r.Property == "required" && list(r.Revision) != nil:
		return gained(place, "always has", "need not have", r)
	}
	return fmt.Sprintf("`%s`: `%s` is %s, was %s.", place, r.Property, short(valueOf(r.Revision)), short(valueOf(r.Base)))
}

// gained compares two lists of names.
func gained(place, plus, minus string, r *redoclyChange) string {
	before, after := list(r.Base), list(r.Revision)
	var said []string
	for _, name := range after {
		if !slices.Contains(before, name) {
			said = append(said, plus+" `"+name+"`")
		}
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			said = append(said, minus+" `"+name+"`")
		}
	}
	return "`" + place + "` " + strings.Join(said, ", ") + "."
}

// side is one of the two contracts in a change.
type side = struct {
	Pointer string
	Value   any
}

// valueOf is nil where that contract has no such member.
func valueOf(s *side) any {
	if s == nil {
		return nil
	}
	return s.Value
}

// list reads a side as names, nil if it is no list: required is true or false in a parameter and names in a schema.
func list(s *side) []string {
	values, _ := valueOf(s).([]any)
	var names []string
	for _, value := range values {
		names = append(names, fmt.Sprint(value))
	}
	return names
}

// object reads a value as an object, nil if it is none, so that reading on finds nothing instead of failing.
func object(value any) map[string]any {
	o, _ := value.(map[string]any)
	return o
}

// shortest is how much of a value is shown, in bytes of JSON.
const shortest = 60

// short shows a value in the changelog. A long one would hide what the entry is about.
func short(value any) string {
	if value == nil {
		return "not set"
	}
	text, err := json.Marshal(value)
	if err != nil || len(text) > shortest {
		return "another"
	}
	return "`" + string(text) + "`"
}

// because adds the first sentence of a text.
func because(text any) string {
	first, _, more := strings.Cut(strings.Join(strings.Fields(fmt.Sprint(text)), " "), ". ")
	if text == nil || first == "" {
		return "."
	}
	if !more {
		first = strings.TrimSuffix(first, ".")
	}
	return ": " + first + "."
}

// topPlace is the operation, webhook or schema that a pointer leads into.
func topPlace(pointer string) string {
	keys := strings.Split(pointer, "/")
	depth := 3
	if len(keys) > 1 && (keys[1] == "paths" || keys[1] == "components") {
		depth = 4
	}
	return placeOf(strings.Join(keys[:min(depth, len(keys))], "/"))
}
