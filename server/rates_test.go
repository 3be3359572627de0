package server

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
)

// Retry-After, retryAfterSeconds and the message must never disagree, and a
// client that waits as long as it was told must not be refused again.
func TestRefusal_NamesTheWindowThatBinds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 19, 23, 59, 36, 900_000_000, time.UTC)
	midnight := time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	noon := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		now                 time.Time
		minuteLeft, dayLeft int
		minuteReset         time.Time
		wantWindow          string
		wantSeconds         int
	}{
		"the minute alone":              {now, 0, 5, midnight, "Per-minute", 24},
		"the day alone":                 {noon, 5, 0, noon.Add(time.Minute), "Per-day", 43200},
		"both: the later reset":         {noon, 0, 0, noon.Add(time.Minute), "Per-day", 43200},
		"both, at the same time":        {now, 0, 0, midnight, "Per-minute", 24},
		"a reset that has just gone by": {midnight, 0, 5, midnight, "Per-minute", 1},
	} {
		r := rates{now: c.now,
			minute: store.Window{Limit: 60, Remaining: c.minuteLeft, Reset: c.minuteReset},
			day:    store.Window{Limit: 1000, Remaining: c.dayLeft, Reset: midnight}}
		var p *problem
		if !errors.As(r.refusal(), &p) {
			t.Fatalf("%s: no problem", name)
		}
		want := fmt.Sprintf("%s rate limit reached. Retry after %ds.", c.wantWindow, c.wantSeconds)
		if p.message != want || p.retryAfter != c.wantSeconds {
			t.Errorf("%s: got %q and %d, want %q", name, p.message, p.retryAfter, want)
		}
	}
}
