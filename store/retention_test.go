package store_test

import (
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Thirty days after, small batches take what is final, and what is pending stays with its event and can still be
// sent: here batches and deliveries take turns. What a deleted endpoint got stays readable until then.
func TestRetention_TakesTurnsWithDeliveries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		const events, batch = 12, 3
		h := newHooks(t, db)
		kept, gone := h.endpoint(), h.endpoint()
		for range events {
			h.emit("student.created")
		}
		for _, claim := range h.claim(100) {
			if claim.EndpointID == gone.ID {
				h.finish(claim, 200, 0)
			} else {
				h.finish(claim, 500, store.EventAge+time.Hour) // an endpoint that asked us to wait for long
			}
		}
		h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), gone.ID) })
		h.Clock.Advance(store.EventAge - time.Second)
		if removed := h.removeOld(batch); removed != 0 {
			t.Fatalf("removed %d rows a second too early", removed)
		}
		if list := h.deliveries(store.DeliveryQuery{EndpointID: gone.ID, Status: store.DeliverySucceeded}); len(list) != events {
			t.Fatalf("%d deliveries of the deleted endpoint are readable, want %d", len(list), events)
		}
		h.Clock.Advance(2 * time.Hour)
		delivered := 0
		for round := 0; ; round++ {
			removed := h.removeOld(batch)
			if removed > 2*batch {
				t.Fatalf("one batch of %d removed %d rows", batch, removed)
			}
			claims := h.claim(2)
			for _, claim := range claims {
				if len(claim.Body) == 0 || claim.EndpointID != kept.ID {
					t.Fatalf("claim %+v", claim)
				}
				h.finish(claim, 200, 0)
				delivered++
			}
			if removed == 0 && len(claims) == 0 {
				break
			}
			if round > 10*events {
				t.Fatal("there is no end to it")
			}
		}
		page, err := h.workspace.Events(t.Context(), store.EventQuery{})
		if left := h.deliveries(store.DeliveryQuery{}); delivered != events || len(left) != 0 || len(page.Items) != 0 || err != nil {
			t.Errorf("%d of %d delivered; %d deliveries and %d events are left; %v", delivered, events, len(left), len(page.Items), err)
		}
	})
}

// removeOld is one batch of deliveries and one of events.
func (h *hooks) removeOld(batch int) int64 {
	h.t.Helper()
	walk := h.Retention()
	deliveries, err := walk.RemoveDeliveries(h.t.Context(), batch)
	if err != nil {
		h.t.Fatal(err)
	}
	events, err := walk.RemoveEvents(h.t.Context(), batch)
	if err != nil {
		h.t.Fatal(err)
	}
	return deliveries + events
}

// However often it is swept meanwhile, a delivery that waits keeps its event.
func TestRetention_NeverTakesWhatIsPending(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		h.emit("student.created")
		first := h.one()
		h.Clock.Advance(2 * store.EventAge)
		for range 3 {
			if removed := h.removeOld(10); removed != 0 {
				t.Fatalf("removed %d rows of a delivery under way", removed)
			}
		}
		if again := h.one(); again.DeliveryID != first.DeliveryID || string(again.Body) != string(first.Body) {
			t.Errorf("claimed %+v", again)
		}
	})
}
