package server

import (
	"net/netip"
	"time"

	"github.com/thebigclass/api/store"
)

// The limits of a caller without a good key, and of everyone while the database is down.
const (
	defaultMinuteLimit = 60
	defaultDayLimit    = 1000
)

// anonymousAddresses bounds the memory of the bucket: some 10 MB when full.
// A caller that is forgotten starts anew, which costs us a few 401s.
const anonymousAddresses = 65536

// anonymousBucket counts the calls that came without a good key, per client
// address and per process. It is asked only after authentication failed, so
// that nobody behind the same address is hurt by a neighbour.
type anonymousBucket struct {
	counts *lru[netip.Prefix, anonymousCount]
	now    func() time.Time
}

// anonymousCount holds both windows; as with keys, a clock set back opens no new one.
type anonymousCount struct {
	minute, day         int64 // window numbers since 1970
	minuteUsed, dayUsed int
	admitted            bool // whether the last call found room in both
}

func newAnonymousBucket(now func() time.Time) *anonymousBucket {
	return &anonymousBucket{counts: newLRU[netip.Prefix, anonymousCount](anonymousAddresses), now: now}
}

// take counts one call of the address and reports whether both windows had
// room, with their state after it. A refusal consumes nothing.
func (b *anonymousBucket) take(addr netip.Addr) rates {
	now := b.now().UTC()
	minute, day := now.Unix()/60, now.Unix()/86400
	count := b.counts.update(addressGroup(addr), func(c anonymousCount) anonymousCount {
		if minute > c.minute {
			c.minute, c.minuteUsed = minute, 0
		}
		if day > c.day {
			c.day, c.dayUsed = day, 0
		}
		c.admitted = c.minuteUsed < defaultMinuteLimit && c.dayUsed < defaultDayLimit
		if c.admitted {
			c.minuteUsed++
			c.dayUsed++
		}
		return c
	})
	return rates{
		admitted: count.admitted,
		now:      now,
		minute:   store.Window{Limit: defaultMinuteLimit, Remaining: defaultMinuteLimit - count.minuteUsed, Reset: time.Unix((count.minute+1)*60, 0)},
		day:      store.Window{Limit: defaultDayLimit, Remaining: defaultDayLimit - count.dayUsed, Reset: time.Unix((count.day+1)*86400, 0)},
	}
}
