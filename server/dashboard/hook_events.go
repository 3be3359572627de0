package dashboard

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/thebigclass/api/gen"
)

// everyEvent subscribes to all events, those of later versions included.
const everyEvent = "*"

// eventGroup is the events about one kind of thing, for the picker.
type eventGroup struct {
	Name   string
	Events []eventChoice
}

// eventChoice is an event of the contract with a sample of what is sent.
type eventChoice struct{ Type, Summary, Sample string }

// eventGroups are the events that can be subscribed to, in the contract's order.
var eventGroups = groupEvents()

func groupEvents() (groups []eventGroup) {
	for _, event := range gen.Events {
		if !event.Subscribable {
			continue
		}
		kind, _, _ := strings.Cut(event.Type, ".")
		name := strings.ToUpper(kind[:1]) + strings.ReplaceAll(kind[1:], "_", " ") + "s"
		if len(groups) == 0 || groups[len(groups)-1].Name != name {
			groups = append(groups, eventGroup{Name: name})
		}
		last := &groups[len(groups)-1]
		last.Events = append(last.Events, eventChoice{event.Type, event.Summary, indented(event.Example)})
	}
	return groups
}

// eventTypes are the types that deliveries can be filtered by: all of the contract.
func eventTypes() (types []string) {
	for _, event := range gen.Events {
		types = append(types, event.Type)
	}
	return types
}

// indented is JSON for people. What is no JSON is shown as it is.
func indented(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}

// chosenEvents are those that a form names. All of them together with single
// ones are all of them.
func chosenEvents(values []string) []string {
	if slices.Contains(values, everyEvent) {
		return []string{everyEvent}
	}
	return values
}
