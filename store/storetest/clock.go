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
	publish func(time.Time) // puts the time into PostgreSQL; nil on SQLite
}

// Now is what the database shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to now, forward or back.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now.UTC().Truncate(time.Microsecond)
	if c.publish != nil {
		c.publish(c.now)
	}
}

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }
