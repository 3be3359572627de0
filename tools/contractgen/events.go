package main

import "go.yaml.in/yaml/v3"

const eventType = `
// An EventInfo is one type of event that webhooks deliver.
type EventInfo struct {
	// Type is the envelope's type and the value of the event header.
	Type string
	// Summary says in a few words when the event happens.
	Summary string
	// Subscribable says whether an endpoint can ask for it; the feed has no others.
	Subscribable bool
	// New makes an empty payload of the event's type.
	New func() any
	// Example is what is sent, the whole envelope, as JSON on one line.
	Example string
}
`

// eventList writes the event types: the keys of the contract's webhooks, in its order.
func (g *generator) eventList(out *code) {
	webhooks := child(g.root, "webhooks")
	if webhooks == nil || len(webhooks.Content) == 0 {
		return
	}
	out.line("\n// The types of events.\nconst (")
	for key, node := range members(webhooks) {
		out.line("// %s: %s", eventName(key.Value), text(node, "post", "summary"))
		out.line("%s = %q", eventName(key.Value), key.Value)
	}
	out.line(")")
	out.text(eventType)
	out.line("\n// Events are all events of the contract, in its order.\nvar Events = []EventInfo{")
	for key, node := range members(webhooks) {
		out.line("{%s, %q, %t, func() any { return new(%s) }, %s},", eventName(key.Value), text(node, "post", "summary"),
			text(node, "post", "x-not-subscribable") != "true", g.payloadType(key, node), quoted(g.payloadExample(key, node)))
	}
	out.line("}")
}

// payloadType is the Go type of an event's body, which must be a named schema whose type member is
// the webhook's key.
func (g *generator) payloadType(key, webhook *yaml.Node) string {
	body := child(webhook, "post", "requestBody")
	if body == nil {
		g.refuse(key, "the webhook has no post with a requestBody")
		return "any"
	}
	body, _ = g.follow(body)
	ref := text(body, "content", "application/json", "schema", "$ref")
	if ref == "" {
		g.refuse(key, "the body of a webhook must refer to a named schema, as application/json")
		return "any"
	}
	payload, _ := g.follow(child(body, "content", "application/json", "schema"))
	if constant := text(payload, "properties", "type", "const"); constant != key.Value {
		g.refuse(payload, "the member type of this event must be the constant %q", key.Value)
	}
	return goName(refName(ref))
}

// eventName is the constant of an event type: live_session.started is EventLiveSessionStarted.
func eventName(eventType string) string {
	return "Event" + ownName(eventType)
}
