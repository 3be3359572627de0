package main

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// monthsOfNotice is the promise of the developer page: what is deprecated works for six months more.
const monthsOfNotice = 6

// deprecation renders the earliest deprecation of an operation or of anything that its request and
// responses refer to; "" if nothing is deprecated.
func (g *generator) deprecation(node *yaml.Node) string {
	var at, sunset time.Time
	g.deprecated(node, map[*yaml.Node]bool{}, func(thing *yaml.Node) {
		since, until := g.notice(thing)
		if at.IsZero() || since.Before(at) {
			at = since
		}
		if sunset.IsZero() || until.Before(sunset) {
			sunset = until
		}
	})
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf("&Deprecation{At: %s, Sunset: %s}", timeLiteral(at), timeLiteral(sunset))
}

// deprecated visits everything below node, references followed, that is marked deprecated.
func (g *generator) deprecated(node *yaml.Node, seen map[*yaml.Node]bool, visit func(*yaml.Node)) {
	node, _ = g.follow(node)
	if seen[node] {
		return
	}
	seen[node] = true
	if mark := child(node, "deprecated"); mark != nil && mark.Value == "true" {
		visit(node)
	}
	for _, inner := range node.Content {
		g.deprecated(inner, seen, visit)
	}
}

// notice reads x-deprecated-at and x-sunset and refuses less than six months between them.
func (g *generator) notice(node *yaml.Node) (at, sunset time.Time) {
	at, atErr := time.Parse(time.RFC3339, text(node, "x-deprecated-at"))
	sunset, sunsetErr := time.Parse(time.RFC3339, text(node, "x-sunset"))
	switch {
	case atErr != nil || sunsetErr != nil:
		g.refuse(node, "what is deprecated needs x-deprecated-at and x-sunset, as RFC 3339 times")
	case sunset.Before(at.AddDate(0, monthsOfNotice, 0)):
		g.refuse(node, "x-sunset must be at least %d months after x-deprecated-at", monthsOfNotice)
	}
	return at.UTC(), sunset.UTC()
}

// timeLiteral renders a time in UTC, to the second.
func timeLiteral(t time.Time) string {
	return fmt.Sprintf("time.Date(%d, %d, %d, %d, %d, %d, 0, time.UTC)",
		t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second())
}
