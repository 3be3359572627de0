package store_test

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// counted are all counts of the workspace, by outcome.
func (h *hooks) counted() map[string]int64 {
	h.t.Helper()
	all := map[string]int64{}
	for _, c := range h.countedIn(storetest.Start.AddDate(-1, 0, 0), h.Clock.Now().Add(time.Hour)) {
		all[c.Outcome] += c.Count
	}
	return all
}

func (h *hooks) countedIn(bounds ...time.Time) []store.DeliveryCount {
	h.t.Helper()
	list, err := h.workspace.DeliveryCounts(h.t.Context(), bounds)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// Each outcome is counted in the quarter of an hour in which it was recorded, in the span that begins then.
func TestDeliveryCounts_AreByOutcomeAndTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h, other := newHooks(t, db), newHooks(t, db)
		endpoint := h.endpoint()
		h.Clock.Set(storetest.Start.Truncate(time.Hour).Add(time.Hour - time.Microsecond))
		hour := h.Clock.Now().Add(time.Microsecond)
		h.emit("student.created")
		h.finish(h.one(), 500, time.Minute)
		h.Clock.Advance(time.Minute)
		h.finish(h.one(), 200, 0)
		for range 3 {
			h.emit("order.paid")
		}
		for _, claim := range h.claim(2) {
			h.finish(claim, 404, 0)
		}
		h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), endpoint.ID) })
		got := h.countedIn(hour.Add(-time.Hour), hour, hour.Add(15*time.Minute), hour.Add(time.Hour))
		want := []store.DeliveryCount{
			{Span: 0, Outcome: store.OutcomeRetried, Count: 1},
			{Span: 1, Outcome: store.OutcomeCanceled, Count: 1},
			{Span: 1, Outcome: store.OutcomeFailed, Count: 2},
			{Span: 1, Outcome: store.OutcomeSucceeded, Count: 1},
		}
		if !slices.Equal(got, want) {
			t.Errorf("counted %+v, want %+v", got, want)
		}
		if foreign := other.counted(); len(foreign) != 0 {
			t.Errorf("another workspace has %v", foreign)
		}
	})
}

// What a worker says whose lease has run out is not counted, or a delivery that was sent twice would count twice.
func TestDeliveryCounts_LeaveOutWhoIsNotHeard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		h.emit("student.created")
		stale := h.one()
		h.Clock.Advance(store.Lease)
		current := h.one()
		h.finish(stale, 500, 0)
		if got := h.counted(); len(got) != 0 {
			t.Errorf("the stale worker was counted: %v", got)
		}
		h.finish(current, 200, 0)
		h.finish(current, 200, 0) // a repeat of a completion whose commit was not heard of
		if got := h.counted(); !maps.Equal(got, map[string]int64{store.OutcomeSucceeded: 1}) {
			t.Errorf("counted %v", got)
		}
	})
}

// Replicas, and completions of one process at the same time, add up, whatever the order of the workspaces in their
// groups.
func TestDeliveryCounts_AddUpOverProcesses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		const events = 12 // for each of eight endpoints: fewer than an endpoint may have under way
		one, two := newHooks(t, db), newHooks(t, db)
		for _, h := range []*hooks{one, two} {
			for range 4 {
				h.endpoint("order.paid")
			}
			for range events {
				h.emit("order.paid")
			}
		}
		stores := []*store.Store{db.Store, db.Open(t)}
		var group sync.WaitGroup
		for i, claims := range slices.Collect(slices.Chunk(one.claim(8*events), 16)) {
			if i%2 == 1 {
				slices.Reverse(claims)
			}
			var outcomes []store.Outcome
			for _, claim := range claims {
				outcomes = append(outcomes, store.Outcome{
					Claim: claim, Succeeded: i%3 > 0, Attempt: store.Attempt{At: db.Clock.Now()}, DisableAfter: week,
				})
			}
			group.Go(func() {
				if _, err := stores[i%2].CompleteDeliveries(t.Context(), outcomes); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, h := range []*hooks{one, two} {
			want := map[string]int64{}
			for _, status := range []string{store.DeliverySucceeded, store.DeliveryFailed} {
				want[status] = int64(len(h.deliveries(store.DeliveryQuery{Status: status})))
			}
			if got := h.counted(); !maps.Equal(got, want) || want[store.DeliverySucceeded]+want[store.DeliveryFailed] != 4*events {
				t.Errorf("counted %v, the log has %v", got, want)
			}
		}
	})
}

func TestRemoveOldDeliveryCounts_KeepsWhatAChartOfThirtyDaysShows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		for range 3 {
			h.emit("order.paid")
			h.finish(h.one(), 200, 0)
			h.Clock.Advance(time.Hour)
		}
		last := h.Clock.Now().Add(-time.Hour)
		h.Clock.Set(storetest.Start.AddDate(0, 0, 31))
		if n, err := h.RemoveOldDeliveryCounts(t.Context(), 10); err != nil || n != 0 {
			t.Fatalf("removed %d too early, %v", n, err)
		}
		h.Clock.Set(last.Truncate(15*time.Minute).AddDate(0, 0, 32))
		for _, want := range []int64{1, 1, 0} {
			if n, err := h.RemoveOldDeliveryCounts(t.Context(), 1); err != nil || n != want {
				t.Errorf("removed %d, want %d, %v", n, want, err)
			}
		}
		if got := h.counted(); got[store.OutcomeSucceeded] != 1 {
			t.Errorf("%v is left", got)
		}
	})
}
