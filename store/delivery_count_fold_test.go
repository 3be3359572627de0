package store_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Sums stay what they are while old counts are folded by two at once and new ones come in; afterwards a closed slot has
// one row for each outcome, and what is younger is as it was.
func TestFoldDeliveryCounts_KeepsEverySum(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		one, two := newHooks(t, db), newHooks(t, db)
		for _, h := range []*hooks{one, two} {
			h.endpoint()
		}
		// Ten processes have counted: each restart names its writers anew.
		for i := range 10 {
			process := db.Open(t)
			for _, h := range []*hooks{one, two} {
				h.emit("order.paid")
				h.completeBy(process, h.one(), i%3 > 0)
			}
			if i == 4 {
				db.Clock.Advance(30 * time.Minute)
			}
		}
		db.Clock.Advance(2*time.Hour + 15*time.Minute)
		before := one.counted()
		var claims []store.Claim
		for range 12 {
			one.emit("order.paid")
			claims = append(claims, one.one())
		}
		stores := []*store.Store{db.Store, db.Open(t)}
		var group sync.WaitGroup
		for _, folding := range stores {
			group.Go(func() {
				for {
					n, err := folding.FoldDeliveryCounts(t.Context(), 3)
					if err != nil {
						t.Error(err)
					}
					if n == 0 || err != nil {
						return
					}
				}
			})
		}
		group.Go(func() {
			for i, claim := range claims {
				one.completeBy(stores[i%2], claim, true)
				now := one.counted()
				now[store.OutcomeSucceeded] -= int64(i + 1)
				if !maps.Equal(now, before) {
					t.Errorf("after %d more: %v, before %v", i+1, now, before)
				}
			}
		})
		group.Wait()
		if n, err := db.FoldDeliveryCounts(t.Context(), 100); n != 0 || err != nil {
			t.Errorf("%d were left, %v", n, err)
		}
		rows := countRows(t, db)
		for key, n := range rows {
			if young := key == "young"; !young && n != 1 {
				t.Errorf("%s has %d rows", key, n)
			}
		}
		if rows["young"] < 2 || len(rows) < 5 {
			t.Errorf("the rows are %v", rows)
		}
		if got := two.counted(); !maps.Equal(got, before) {
			t.Errorf("the other workspace has %v, want %v", got, before)
		}
	})
}

// completeBy is finish by a process of its own.
func (h *hooks) completeBy(process *store.Store, claim store.Claim, succeeded bool) {
	h.t.Helper()
	outcome := store.Outcome{Claim: claim, Succeeded: succeeded, Attempt: store.Attempt{At: h.Clock.Now()}, DisableAfter: week}
	if _, err := process.CompleteDeliveries(h.t.Context(), []store.Outcome{outcome}); err != nil {
		h.t.Error(err)
	}
}

// countRows is how many rows there are of each workspace, closed slot and outcome; the rest is "young".
func countRows(t *testing.T, db *storetest.DB) map[string]int {
	t.Helper()
	rows := map[string]int{}
	found, err := openRaw(t, db).QueryContext(t.Context(), `SELECT CASE WHEN slot < $1 THEN workspace_id || slot || outcome ELSE 'young' END
		FROM delivery_counts`, db.Clock.Now().Add(-2*time.Hour).UnixMicro())
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var key string
		if err := found.Scan(&key); err != nil {
			t.Fatal(err)
		}
		rows[key]++
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}
