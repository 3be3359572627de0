package main

import (
	"strings"
)

// change is one difference to the released contract, as one of the judges sees it.
type change struct {
	impact  impact
	rule    string // whose rule, and its name there, such as "redocly operation-removed"
	place   string // as a person says it, such as "GET /courses" or "Course.slug"
	text    string // what happened
	seen    int    // in how many places the same was found
	redocly *redoclyChange
}

// refusal is one reason why the contract is not accepted.
type refusal struct{ rule, place, text, todo string }

// String is the line that is printed: a person should need to look nothing up.
func (r refusal) String() string {
	return r.rule + " at " + r.place + ": " + strings.TrimSuffix(r.text, ".") + ". " + r.todo + "."
}

// need is the greatest impact of all changes.
func need(changes []change) impact {
	most := nothing
	for _, c := range changes {
		most = max(most, c.impact)
	}
	return most
}

// refuseBreaking refuses what breaks clients, one line for each.
func refuseBreaking(changes []change) []refusal {
	var refusals []refusal
	for _, c := range changes {
		if c.impact == breaking {
			refusals = append(refusals, refusal{c.rule, c.place, c.text, "Take it back: what breaks clients ships under /api/v2"})
		}
	}
	return refusals
}

// placeOf turns a JSON pointer into what people call the place.
func placeOf(pointer string) string {
	keys := strings.Split(strings.TrimPrefix(pointer, "#/"), "/")
	for i := range keys {
		keys[i] = unescape(keys[i])
	}
	switch {
	case len(keys) >= 3 && keys[0] == "paths":
		return strings.TrimSpace(strings.ToUpper(keys[2]) + " " + keys[1] + " " + members(keys[3:]))
	case len(keys) == 2 && keys[0] == "paths":
		return keys[1]
	case len(keys) >= 2 && keys[0] == "webhooks":
		return strings.TrimSpace("webhook " + keys[1] + " " + members(keys[min(3, len(keys)):]))
	case len(keys) >= 3 && keys[0] == "components":
		return strings.TrimSuffix(keys[2]+"."+members(keys[3:]), ".")
	}
	return strings.Join(keys, ".")
}

// members names what is inside a place, without the words that every schema is full of.
func members(keys []string) string {
	var kept []string
	for _, key := range keys {
		switch key {
		case "properties", "schema", "content", "application/json":
		default:
			kept = append(kept, key)
		}
	}
	return strings.Join(kept, ".")
}
