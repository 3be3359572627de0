package dashboard

import (
	"fmt"
	"html/template"
	"time"

	"github.com/thebigclass/api/server/dashboard/chart"
)

// When is a moment in the workspace's zone, which it names. It takes a
// time.Time or a *time.Time; nil and zero are "never".
func (s *shell) When(moment any) template.HTML { return s.moment(moment, "2 Jan 2006, 15:04:05 MST") }

// Minute is When without its seconds.
func (s *shell) Minute(moment any) template.HTML { return s.moment(moment, "2 Jan 2006, 15:04 MST") }

// Day is the date of a moment in the workspace's zone.
func (s *shell) Day(moment any) template.HTML { return s.moment(moment, "2 Jan 2006") }

// moment marks the exact time up for programs and for the title that a pointer shows.
func (s *shell) moment(value any, layout string) template.HTML {
	at, ok := timeOf(value)
	if !ok {
		return "never"
	}
	exact := at.UTC().Format(time.RFC3339Nano)
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`, exact, exact, //nolint:gosec // digits, letters and punctuation of a layout
		template.HTMLEscapeString(at.In(s.zone).Format(layout))))
}

// Ago is how long since a moment, or until it, in its largest unit.
func (s *shell) Ago(value any) string {
	at, ok := timeOf(value)
	if !ok {
		return "never"
	}
	span := s.now.Sub(at)
	if span < 0 {
		return "in " + largestUnit(-span)
	}
	if span < time.Second {
		return "just now"
	}
	return largestUnit(span) + " ago"
}

// Due is when something is to happen: "now" once its time has come.
func (s *shell) Due(value any) string {
	if at, ok := timeOf(value); ok && !at.After(s.now) {
		return "now"
	}
	return s.Ago(value)
}

// Zone names the zone that the page's times are in.
func (s *shell) Zone() string { return s.zone.String() }

func timeOf(value any) (time.Time, bool) {
	switch at := value.(type) {
	case time.Time:
		return at, !at.IsZero()
	case *time.Time:
		if at != nil {
			return *at, !at.IsZero()
		}
	}
	return time.Time{}, false
}

// largestUnit is a span in whole seconds, minutes, hours or days.
func largestUnit(span time.Duration) string {
	for _, unit := range []struct {
		span time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(span / unit.span); n == 1 {
			return "1 " + unit.name
		} else if n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "a moment"
}

// Count writes a number with a comma before every three digits.
func (s *shell) Count(n any) string {
	switch n := n.(type) {
	case int:
		return chart.Grouped(int64(n))
	case int64:
		return chart.Grouped(n)
	}
	return fmt.Sprint(n)
}
