package storetest

import (
	"sync"
	"time"
)

// Start is what the clock of every fresh database shows: a Monday, well away from the turn of a minute or a day.
var Start = time.Date(2026, time.March, 2, 10, 0, 15, 0, time.UTC)

// Clock is the clock of one database. It stands still until a test moves it, so that tests need no sleep.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	running func() time.Time                  // nil while the clock stands still
	publish func(now time.Time, running bool) // puts the clock into PostgreSQL; nil on SQLite
}

// Now is what the database shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		return c.running().UTC()
	}
	return c.now
}

// Set moves the clock to now, forward or back.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.running = now.UTC().Truncate(time.Microsecond), nil
	if c.publish != nil {
		c.publish(c.now, false)
	}
}

// Run lets the clock show the machine's time from now on, for tests of what concurrent transactions do with time.
// Pass time.Now: PostgreSQL takes its own.
func (c *Clock) Run(machine func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = machine
	if c.publish != nil {
		c.publish(c.now, true)
	}
}

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }
