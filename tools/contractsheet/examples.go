package main

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

var errNoExample = errors.New("no example")

// examples collects what a media type, parameter or header shows: `example`, or the values of
// the named `examples`.
func examples(holder place) []any {
	var values []any
	if example := holder.at("example"); example.exists() {
		values = append(values, example.value)
	}
	for _, named := range holder.at("examples").each() {
		if named.has("value") {
			values = append(values, named.at("value").value)
		}
	}
	return values
}

// exampleFaults lists why the examples of holder do not stand: there is none, or one that
// the schema refuses.
func exampleFaults(holder, schema place) []error {
	values := examples(holder)
	if len(values) == 0 {
		return []error{errNoExample}
	}
	var faults []error
	for _, value := range values {
		if err := schema.c.accepts(schema, value); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

// first is the first line of the first fault, since the rest is a page.
func first(faults []error) string {
	if len(faults) == 0 {
		return ""
	}
	lines := strings.Split(faults[0].Error(), "\n")
	return strings.TrimSpace(lines[min(1, len(lines)-1)])
}

// requestExamples asks for a body that can be sent as it stands.
func requestExamples(c *contract, t *tally) {
	for _, o := range c.operations() {
		if o.at("requestBody").exists() {
			faults := exampleFaults(o.at("requestBody", "content", "application/json"), o.body())
			t.add(len(faults) == 0, o, first(faults))
		}
	}
}

// answerExamples leaves out 304, which has no body.
func answerExamples(c *contract, t *tally) {
	for _, a := range c.answers() {
		if a.status == "304" {
			continue
		}
		faults := exampleFaults(a.content(), a.schema())
		t.add(len(faults) == 0, a, first(faults))
	}
}

// webhookExamples asks for the body of each event.
func webhookExamples(c *contract, t *tally) {
	for _, o := range c.webhooks() {
		faults := exampleFaults(o.at("requestBody", "content", "application/json"), o.body())
		t.add(len(faults) == 0, o, first(faults))
	}
}

// scalarExamples asks each string, number and boolean for examples, in schemas and headers alike.
// A parameter shows its example outside its schema and is counted there.
func scalarExamples(c *contract, t *tally) {
	c.eachSchema(func(s place) {
		if !s.scalar() || strings.HasSuffix(s.pointer, "/propertyNames") || s.ofParameter() {
			return
		}
		shown, _ := s.at("examples").value.([]any)
		ok := len(shown) > 0
		for _, value := range shown {
			ok = ok && c.accepts(s, value) == nil
		}
		t.add(ok, s)
	})
}

var link = regexp.MustCompile(`https?://[^\s"'<>)\]` + "`" + `]+`)

// exampleHosts looks at every link of the document. A host that somebody owns has no place in an example.
func exampleHosts(c *contract, t *tally) {
	for _, found := range link.FindAllString(string(c.raw), -1) {
		u, err := url.Parse(found)
		t.add(err == nil && harmless(u.Hostname()), word(found))
	}
}

// harmless hosts are our own, this machine, and those that RFC 2606 keeps for examples.
func harmless(host string) bool {
	switch host {
	case "thebigclass.com", "127.0.0.1", "example.com", "example.org", "example.net":
		return true
	}
	return strings.HasSuffix(host, ".example.com") || strings.HasSuffix(host, ".example")
}
