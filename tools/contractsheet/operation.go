package main

import (
	"slices"
	"strings"
)

// methods are the HTTP methods of a path item, in the order in which the sheet visits them.
var methods = []string{"get", "post", "put", "patch", "delete"}

// operation is a call of the API, or a webhook, which is the same the other way round.
type operation struct {
	place
	item         place // what all methods of the path share
	method, path string
}

// operations lists the calls of the API.
func (c *contract) operations() []operation { return c.under("paths") }

// webhooks lists the calls that the service makes; path is then the event's type.
func (c *contract) webhooks() []operation { return c.under("webhooks") }

func (c *contract) under(section string) []operation {
	var list []operation
	for _, path := range c.top().at(section).keys() {
		item := c.top().at(section, path)
		for _, method := range methods {
			if node := item.at(method); node.exists() {
				list = append(list, operation{node, item, strings.ToUpper(method), path})
			}
		}
	}
	return list
}

// all lists both, since most rules hold for both.
func (c *contract) all() []operation { return slices.Concat(c.operations(), c.webhooks()) }

func (o operation) String() string { return o.method + " " + o.path }

func (o operation) id() string { return o.own("operationId") }

// parameters lists the operation's parameters and those of its path.
func (o operation) parameters() []place {
	return slices.Concat(o.item.at("parameters").each(), o.at("parameters").each())
}

// header finds a header parameter by its name. One that is not there is a place without a value.
func (o operation) header(name string) place {
	for _, p := range o.parameters() {
		if p.own("in") == "header" && p.own("name") == name {
			return p
		}
	}
	return place{c: o.c}
}

// references tells whether the operation takes that shared parameter, by reference and not by a copy.
func (o operation) references(component string) bool {
	list, _ := o.step("parameters").value.([]any)
	for _, entry := range list {
		ref, _ := entry.(map[string]any)
		if ref["$ref"] == "#/components/parameters/"+component {
			return true
		}
	}
	return false
}

// body is the schema of the request body, a place without a value if there is none.
func (o operation) body() place {
	return o.at("requestBody", "content", "application/json", "schema")
}

// answer is one response of an operation.
type answer struct {
	place
	operation operation
	status    string
}

func (a answer) String() string { return a.operation.String() + " " + a.status }

func (a answer) failure() bool { return a.status[0] == '4' || a.status[0] == '5' }

// eventStream is the media type of an answer that does not end.
const eventStream = "text/event-stream"

// streams tells whether the answer is a stream of events.
func (a answer) streams() bool { return a.at("content").has(eventStream) }

// content is the answer's body as the contract shows it, a place without a value if there is none.
func (a answer) content() place {
	if a.streams() {
		return a.at("content", eventStream)
	}
	return a.at("content", "application/json")
}

// schema is the schema of the answer's body, a place without a value if there is none.
func (a answer) schema() place { return a.content().at("schema") }

func (o operation) answers() []answer {
	var list []answer
	for _, status := range o.at("responses").keys() {
		list = append(list, answer{o.at("responses", status), o, status})
	}
	return list
}

// answers lists every response of every operation of the API, webhooks left out: theirs are the caller's.
func (c *contract) answers() []answer {
	var list []answer
	for _, o := range c.operations() {
		list = append(list, o.answers()...)
	}
	return list
}

// scopes is what the operation's first security entry asks for; an empty set means that any key
// will do. ok is false unless that entry is the only one, and is the bearer scheme.
func (o operation) scopes() (scopes []string, ok bool) {
	security := o.at("security").each()
	if len(security) == 0 {
		return nil, false
	}
	return security[0].at("bearerAuth").strings(), len(security) == 1 && security[0].has("bearerAuth")
}
