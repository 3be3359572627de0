package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func TestClaim_IsWhatIsSigned(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint("student.created")
		h.endpoint("order.paid")
		h.emit("student.created")
		claim := h.one()
		stored, err := h.workspace.Event(t.Context(), claim.EventID)
		if err != nil {
			t.Fatal(err)
		}
		if string(claim.Body) != string(stored.Body) || claim.EventType != "student.created" || claim.Attempt != 1 ||
			len(claim.Secrets) != 1 || !strings.HasPrefix(claim.Secrets[0], "whsec_") {
			t.Errorf("claim %+v of event %s", claim, stored.Body)
		}
		if more := h.claim(10); len(more) != 0 {
			t.Errorf("claimed %d more: a leased delivery belongs to its claimer", len(more))
		}
		h.finish(claim, 200, 0)
		delivery, attempts := h.delivery(claim.DeliveryID)
		if delivery.Status != store.DeliverySucceeded || delivery.AttemptCount != 1 || *delivery.LastStatusCode != 200 ||
			delivery.NextAttemptAt != nil {
			t.Errorf("after success: %+v", delivery)
		}
		if len(attempts) != 1 || attempts[0].Trigger != "auto" || *attempts[0].RequestBody != string(stored.Body) {
			t.Errorf("attempts: %+v", attempts)
		}
	})
}

// What holds a lease longer than a minute is taken for dead, and a worker that comes back later is not heard.
func TestClaim_ReturnsAfterTheLeaseAndFencesTheFirstWorker(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		h.emit("student.created")
		stale := h.one()
		h.Clock.Advance(store.Lease - time.Second)
		if early := h.claim(10); len(early) != 0 {
			t.Fatal("claimed before the lease had ended")
		}
		h.Clock.Advance(time.Second)
		current := h.one()
		if current.DeliveryID != stale.DeliveryID || current.Attempt != 1 || stale.Expired || !current.Expired {
			t.Fatalf("second claim: %+v", current)
		}
		heard := h.finish(stale, 500, time.Minute)
		if d, attempts := h.delivery(current.DeliveryID); heard || d.Status != "pending" || len(attempts) != 0 {
			t.Errorf("the stale worker was heard: %+v", d)
		}
		heard = h.finish(current, 200, 0)
		if d, _ := h.delivery(current.DeliveryID); !heard || d.Status != "succeeded" || d.AttemptCount != 1 {
			t.Errorf("after the completion: %+v", d)
		}
		h.tx(func(tx *store.Tx) error {
			_, err := tx.Redeliver(t.Context(), current.DeliveryID)
			return err
		})
		again := h.one()
		heard = h.finish(current, 500, 0) // of the row's former life
		if heard || again.Attempt != 2 || again.Expired || h.state(again.EndpointID).FailingSince != nil {
			t.Error("a worker of the row's former life was heard")
		}
	})
}

// A failed transaction leaves neither the event nor a delivery, and no gap in the numbers.
func TestEmit_RollbackLeavesNoEvent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		h.emit("student.created")
		err := h.workspace.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.Emit(t.Context(), event("order.paid")); err != nil {
				return err
			}
			return context.Canceled
		})
		if err == nil {
			t.Fatal("the transaction succeeded")
		}
		h.emit("course.published")
		page, err := h.workspace.Events(t.Context(), store.EventQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) != 2 || page.Items[1].Type != "course.published" || page.Items[1].Seq != 2 {
			t.Errorf("events %+v", page.Items)
		}
		if n := len(h.claim(10)); n != 2 {
			t.Errorf("%d deliveries, want 2", n)
		}
	})
}

// Two processes that claim at the same moment must not exceed an endpoint's cap together.
func TestClaim_CapHoldsAcrossProcesses(t *testing.T) {
	t.Parallel()
	h := newHooks(t, storetest.Postgres(t))
	h.endpoint()
	h.tx(func(tx *store.Tx) error {
		for range 100 {
			if err := tx.Emit(t.Context(), event("student.created")); err != nil {
				return err
			}
		}
		return nil
	})
	stores := []*store.Store{h.Store, h.Open(t), h.Open(t)}
	for round := range 5 {
		var mu sync.Mutex
		var all []store.Claim
		var group sync.WaitGroup
		for _, s := range stores {
			group.Go(func() {
				claims, err := s.ClaimDeliveries(context.WithoutCancel(t.Context()), 50)
				mu.Lock()
				defer mu.Unlock()
				all = append(all, claims...)
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(all) != 16 {
			t.Errorf("round %d: %d under way, want the cap of 16", round, len(all))
		}
		if err := h.ReleaseDeliveries(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
}

// Endpoints take turns: none waits for the backlog of another.
func TestClaim_SharesSlotsBetweenEndpoints(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		for range 3 {
			h.endpoint("student.created")
		}
		h.tx(func(tx *store.Tx) error {
			for range 20 {
				if err := tx.Emit(t.Context(), event("student.created")); err != nil {
					return err
				}
			}
			return nil
		})
		quiet := h.endpoint("order.paid")
		h.emit("order.paid")
		seen := map[string]int{}
		for range 4 {
			for _, claim := range h.claim(2) {
				seen[claim.EndpointID]++
			}
		}
		if len(seen) != 4 || seen[quiet.ID] != 1 {
			t.Errorf("after 4 claims of 2: %v, want all four endpoints", seen)
		}
	})
}

func TestRelease_GivesBackWithoutCountingAnAttempt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		h.emit("student.created")
		first := h.one()
		if err := h.ReleaseDeliveries(t.Context(), []store.Claim{first}); err != nil {
			t.Fatal(err)
		}
		if again := h.one(); again.Attempt != 1 || again.DeliveryID != first.DeliveryID || again.Expired {
			t.Errorf("claimed again: %+v", again)
		}
	})
}

// A failed delivery is due again exactly RetryIn after the completion, by the database's clock.
func TestComplete_RetryIsDueAfterItsDelay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		h.emit("student.created")
		h.finish(h.one(), 503, 5*time.Minute)
		if _, in, ok, err := h.NextDue(t.Context()); err != nil || !ok || in != 5*time.Minute {
			t.Errorf("next due in %v, %v, %v", in, ok, err)
		}
		h.Clock.Advance(5*time.Minute - time.Microsecond)
		if n := len(h.claim(10)); n != 0 {
			t.Fatal("claimed too early")
		}
		h.Clock.Advance(time.Microsecond)
		claim := h.one()
		if claim.Attempt != 2 || claim.Tries != 1 || claim.Trigger != "auto" {
			t.Errorf("retry %+v", claim)
		}
		h.finish(claim, 410, 0)
		if d, attempts := h.delivery(claim.DeliveryID); d.Status != "failed" || len(attempts) != 2 {
			t.Errorf("after a final failure: %+v", d)
		}
		if _, _, ok, _ := h.NextDue(t.Context()); ok {
			t.Error("a final delivery is still queued")
		}
	})
}

func TestRedeliver_FinalStartsAnewAndPendingComesForward(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.emit("student.created")
		claim := h.one()
		redeliver := func() error {
			return h.workspace.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Redeliver(t.Context(), claim.DeliveryID)
				return err
			})
		}
		if err := redeliver(); err != nil {
			t.Fatal(err)
		}
		if n := len(h.claim(10)); n != 0 {
			t.Fatal("an attempt under way was started twice")
		}
		h.finish(claim, 500, 6*time.Hour)
		if err := redeliver(); err != nil {
			t.Fatal(err)
		}
		forward := h.one()
		if forward.Attempt != 2 || forward.Tries != 1 || forward.Trigger != "manual" || string(forward.Body) != string(claim.Body) {
			t.Errorf("brought forward: %+v", forward)
		}
		h.finish(forward, 404, 0)
		if err := redeliver(); err != nil {
			t.Fatal(err)
		}
		anew := h.one()
		if anew.Attempt != 3 || anew.Tries != 0 || anew.EventID != claim.EventID {
			t.Errorf("started anew: %+v", anew)
		}
		h.finish(anew, 200, 0)
		h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), endpoint.ID) })
		var invalid *store.Invalid
		if err := redeliver(); !asInvalid(err, &invalid) {
			t.Errorf("to a deleted endpoint: %v, want Invalid", err)
		}
	})
}
