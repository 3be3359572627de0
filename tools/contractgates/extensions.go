package main

import (
	"fmt"
	"maps"
	"slices"
)

// compareExtensions judges the members at the root that are our own, which no tool reads: the closed set of error
// codes, the scopes, the prefixes of ids and the limits of requests.
func compareExtensions(released, current *document) []change {
	changes := compareSets("x-error-codes", codes(released), codes(current), breaking)
	changes = append(changes, compareSets("x-scopes", names(released, "x-scopes", "scope"), names(current, "x-scopes", "scope"), addition)...)
	changes = append(changes, compareSets("x-id-prefixes", pairs(released, "x-id-prefixes"), pairs(current, "x-id-prefixes"), addition)...)
	return append(changes, compareLimits(released, current)...)
}

// compareSets rates what is new as it is told to, and what is gone as breaking.
func compareSets(extension string, before, after map[string]bool, gained impact) []change {
	var changes []change
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if !after[name] {
			changes = append(changes, change{impact: breaking, rule: extension + "-removed", place: extension, text: "`" + name + "` is gone"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if !before[name] {
			changes = append(changes, change{impact: gained, rule: extension + "-added", place: extension, text: "`" + name + "` is new"})
		}
	}
	return changes
}

// codes are the error codes with their statuses: neither may change.
func codes(d *document) map[string]bool {
	set := map[string]bool{}
	list, _ := d.root["x-error-codes"].([]any)
	for _, entry := range list {
		object, _ := entry.(map[string]any)
		set[fmt.Sprint(object["code"], " ", object["status"])] = true
	}
	return set
}

// names collects one member of each entry of a list.
func names(d *document, extension, member string) map[string]bool {
	set := map[string]bool{}
	list, _ := d.root[extension].([]any)
	for _, entry := range list {
		object, _ := entry.(map[string]any)
		set[fmt.Sprint(object[member])] = true
	}
	return set
}

// pairs are the members of an object, with their values.
func pairs(d *document, extension string) map[string]bool {
	set := map[string]bool{}
	object, _ := d.root[extension].(map[string]any)
	for key, value := range object {
		set[fmt.Sprint(key, " ", value)] = true
	}
	return set
}

// compareLimits lets a limit rise and never fall.
func compareLimits(released, current *document) []change {
	const extension = "x-request-limits"
	after, _ := current.root[extension].(map[string]any)
	before, _ := released.root[extension].(map[string]any)
	var changes []change
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was, _ := before[name].(int)
		is, _ := after[name].(int)
		text := fmt.Sprintf("`%s` is %d, was %d", name, is, was)
		switch {
		case is < was:
			changes = append(changes, change{impact: breaking, rule: extension + "-lowered", place: extension, text: text})
		case is > was:
			changes = append(changes, change{impact: addition, rule: extension + "-raised", place: extension, text: text})
		}
	}
	return changes
}
