package server

import (
	"net/netip"
	"sync"
	"testing"
	"time"
)

func TestAnonymousBucket_AdmitsExactly60AMinuteAnd1000ADay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 19, 0, 0, 30, 0, time.UTC)
	bucket := newAnonymousBucket(func() time.Time { return now })
	address := netip.MustParseAddr("198.51.100.1")
	passed := 0
	for range 20 {
		for range 70 {
			if bucket.take(address).admitted {
				passed++
			}
		}
		now = now.Add(time.Minute)
	}
	if passed != 1000 {
		t.Errorf("%d calls passed in a day, want 1000", passed)
	}
	last := bucket.take(address)
	if last.day.Remaining != 0 || !last.day.Reset.Equal(time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the day shows %d left until %s", last.day.Remaining, last.day.Reset.UTC())
	}
	if !bucket.take(netip.MustParseAddr("198.51.100.2")).admitted {
		t.Error("a neighbour was refused")
	}
	now = time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	if both := bucket.take(address); !both.admitted || both.minute.Remaining != 59 || both.day.Remaining != 999 {
		t.Errorf("at midnight both windows turn, got %+v", both)
	}
}

func TestAnonymousBucket_ClockSetBackAdmitsNothingExtra(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	bucket := newAnonymousBucket(func() time.Time { return now })
	address := netip.MustParseAddr("2001:db8::1")
	for range 60 {
		bucket.take(address)
	}
	now = now.Add(-10 * time.Minute)
	if bucket.take(address).admitted {
		t.Error("a clock set back opened a new minute")
	}
}

func TestAnonymousBucket_IsExactUnderConcurrency(t *testing.T) {
	t.Parallel()
	bucket := newAnonymousBucket(func() time.Time { return time.Unix(1_800_000_000, 0) })
	var group sync.WaitGroup
	var mu sync.Mutex
	passed := 0
	for range 500 {
		group.Go(func() {
			if bucket.take(netip.MustParseAddr("198.51.100.1")).admitted {
				mu.Lock()
				passed++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if passed != 60 {
		t.Errorf("%d of 500 passed, want 60", passed)
	}
}
