package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// waiting counts the recovered deliveries in the queue of the workspace, retries included.
func (h *hooks) waiting() int {
	h.t.Helper()
	found := facts(h.t, openRaw(h.t, h.DB), []string{`SELECT CAST(count(*) AS text) FROM webhook_queue q
		JOIN webhook_deliveries d ON d.workspace_id = q.workspace_id AND d.id = q.delivery_id
		WHERE d.recovery_id IS NOT NULL AND d.status = 'pending' AND d.workspace_id = '` + h.workspace.ID() + `'`})
	var n int
	if _, err := fmt.Sscan(found[0], &n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *hooks) due() int {
	h.t.Helper()
	due, err := h.DueRecoveries(h.t.Context(), 10)
	if err != nil {
		h.t.Fatal(err)
	}
	return len(due)
}

// New events overtake everything of a recovery but the window, and the recovery goes on as the window drains.
func TestRecovery_NewEventsAreNeverBehindMoreThanTheWindow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.miss(endpoint.ID, 300)
		recovery := h.recover(endpoint.ID, storetest.Start)
		fresh, recovered, behind := 0, 0, 0
		for round := range 40 {
			h.step(h.Store, recovery.ID)
			if n := h.waiting(); n > 64 {
				t.Fatalf("%d recovered deliveries wait", n)
			}
			if round < 30 {
				h.Clock.Advance(time.Millisecond)
				h.emit("order.paid")
				behind = h.waiting()
			}
			for arrived := false; !arrived; {
				claims := h.claim(16)
				for _, claim := range claims {
					arrived = arrived || claim.EventType == "order.paid"
					if claim.EventType == "order.paid" {
						fresh++
					} else {
						recovered, behind = recovered+1, behind-1
					}
					h.finish(claim, 200, 0)
				}
				arrived = arrived || len(claims) == 0
			}
			if behind < -15 { // more than were there when the event came, the rest of its claim apart
				t.Fatalf("round %d: the new event was overtaken", round)
			}
		}
		if after := h.recovery(recovery.ID); fresh != 30 || recovered != 300 || after.State != store.RecoveryCompleted || after.Queued != 300 {
			t.Errorf("delivered %d new events and %d recovered ones: %+v", fresh, recovered, after)
		}
	})
}

// An endpoint that fails keeps its recovered deliveries waiting for their retries; no more are heaped upon them.
func TestRecovery_RetriesFillTheWindow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.miss(endpoint.ID, 100)
		recovery := h.recover(endpoint.ID, storetest.Start)
		h.step(h.Store, recovery.ID)
		for claims := h.claim(16); len(claims) > 0; claims = h.claim(16) {
			for _, claim := range claims {
				h.finish(claim, 503, time.Hour)
			}
		}
		before := h.recovery(recovery.ID)
		if after := h.step(h.Store, recovery.ID); h.due() != 0 || h.waiting() != 64 || !after.UpdatedAt.Equal(before.UpdatedAt) {
			t.Errorf("%d wait: %+v", h.waiting(), after)
		}
		h.Clock.Advance(time.Hour)
		for range 31 {
			h.finish(h.claim(1)[0], 200, 0)
		}
		if h.due() != 0 {
			t.Error("due with 33 waiting: each step would be worth little")
		}
		h.finish(h.claim(1)[0], 200, 0)
		if after := h.step(h.Store, recovery.ID); after.Queued != 96 || h.waiting() != 64 {
			t.Errorf("with 32 waiting: %+v", after)
		}
		h.complete(recovery.ID)
	})
}

// A process that dies loses what it had not committed and nothing else; another one takes over at the same place.
func TestRecovery_ContinuesWhereADeadProcessStopped(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.miss(endpoint.ID, 150)
		recovery := h.recover(endpoint.ID, storetest.Start)
		var received []store.Claim
		for range 3 {
			died := h.workspace.Tx(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.StepRecovery(t.Context(), recovery.ID); err != nil {
					t.Error(err)
				}
				return context.Canceled
			})
			if died == nil || h.waiting() != 0 {
				t.Fatalf("%v, %d wait", died, h.waiting())
			}
			h.step(db.Open(t), recovery.ID)
			received = append(received, h.finishAll(200)...)
		}
		ids := eventIDs(received)
		slices.Sort(ids)
		if want := slices.Sorted(slices.Values(h.feed())); !slices.Equal(ids, want) {
			t.Errorf("received %d events, want each of %d once", len(ids), len(want))
		}
		if after := h.recovery(recovery.ID); after.State != store.RecoveryCompleted || after.Queued != 150 || after.Skipped != 0 {
			t.Errorf("after it all %+v", after)
		}
	})
}

// Processes that step the same recovery at the same moment queue nothing twice, and never more than the window.
func TestRecovery_SeveralProcessesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.miss(endpoint.ID, 400)
		recovery := h.recover(endpoint.ID, storetest.Start)
		processes := []*store.Store{h.Store, db.Open(t), db.Open(t)}
		var received []store.Claim
		for round := 0; h.recovery(recovery.ID).FinishedAt == nil; round++ {
			if round > 50 {
				t.Fatal("the recovery does not come to its end")
			}
			h.Clock.Advance(time.Millisecond)
			var group sync.WaitGroup
			for _, process := range processes {
				group.Go(func() {
					err := process.Workspace(h.workspace.ID()).Tx(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
						_, err := tx.StepRecovery(context.WithoutCancel(t.Context()), recovery.ID)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if n := h.waiting(); n > 64 {
				t.Fatalf("%d wait", n)
			}
			received = append(received, h.finishAll(200)...)
		}
		if ids := eventIDs(received); !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(h.feed()))) {
			t.Errorf("received %d events of %d", len(ids), 400)
		}
		if after := h.recovery(recovery.ID); after.Queued != 400 || after.Skipped != 0 {
			t.Errorf("after it all %+v", after)
		}
	})
}

// finishEach answers claims with the statuses in turn. What gets a 500 waits for very long.
func (h *hooks) finishEach(claims []store.Claim, statuses []int) {
	h.t.Helper()
	late := 1000 * time.Hour
	outcomes := make([]store.Outcome, len(claims))
	for i, claim := range claims {
		status := statuses[i%len(statuses)]
		outcomes[i] = store.Outcome{
			Claim: claim, Succeeded: status == 200, Attempt: store.Attempt{At: h.Clock.Now(), StatusCode: &status},
		}
		if status == 500 {
			outcomes[i].RetryIn = &late
		}
	}
	if _, err := h.CompleteDeliveries(h.t.Context(), outcomes); err != nil {
		h.t.Fatal(err)
	}
}

// mixedHistory makes n events whose deliveries to the endpoint ended in every way there is, and returns the ids of
// those that a recovery has to send, in their order.
func (h *hooks) mixedHistory(endpointID string, n int) (want []string) {
	h.t.Helper()
	const each = 250
	h.setStatus(endpointID, store.EndpointDisabled)
	for made := 0; made < n; made += each {
		off := made/each%3 == 2 // every third lot happens while the endpoint is disabled
		if !off {
			h.setStatus(endpointID, store.EndpointActive)
		}
		h.tx(func(tx *store.Tx) error {
			for i := range each {
				if err := tx.Emit(h.t.Context(), event([]string{"student.created", "order.paid"}[i%2])); err != nil {
					return err
				}
			}
			return nil
		})
		for done := 0; done < 160 && !off; done += 16 {
			h.finishEach(h.claim(16), []int{200, 404, 500, 200, 200})
		}
		if !off && made+each < n { // the last lot stays pending; the other's rest is canceled
			h.setStatus(endpointID, store.EndpointDisabled)
		}
		h.Clock.Advance(time.Hour)
	}
	return h.missedBy(endpointID)
}

// missedBy recomputes, from the feed and the log, what the endpoint should have and does not.
func (h *hooks) missedBy(endpointID string) (want []string) {
	h.t.Helper()
	has := map[string]bool{}
	q := store.DeliveryQuery{ListOptions: store.ListOptions{Limit: 100}, EndpointID: endpointID}
	for {
		page, err := h.workspace.Deliveries(h.t.Context(), q)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, d := range page.Items {
			has[d.EventID] = has[d.EventID] || d.Status == store.DeliverySucceeded || d.Status == store.DeliveryPending
		}
		if page.NextCursor == nil {
			break
		}
		q.Cursor = *page.NextCursor
	}
	for _, id := range h.feed() {
		if !has[id] {
			want = append(want, id)
		}
	}
	return want
}

// Of thousands of events whose deliveries succeeded, failed, were canceled, wait, or never were, exactly the missed
// ones are sent, each once and in their order.
func TestRecovery_SendsExactlyWhatWasMissed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		want := h.mixedHistory(endpoint.ID, 5000)
		recovery := h.recover(endpoint.ID, storetest.Start)
		if len(want) < 1000 || len(want) > 4000 || recovery.Total != 5000 {
			t.Fatalf("%d of %d events were missed: the history is not mixed", len(want), recovery.Total)
		}
		var got []string
		for _, claim := range h.complete(recovery.ID) {
			if claim.Trigger == "recovery" {
				got = append(got, claim.EventID)
			}
		}
		slices.Sort(got) // of one millisecond, claims come in the order of their ids
		if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("sent %d events, want %d", len(got), len(want))
		}
		after := h.recovery(recovery.ID)
		if after.Queued != int64(len(want)) || after.Queued+after.Skipped != after.Total {
			t.Errorf("the recovery says %+v, want %d queued", after, len(want))
		}
		if left := h.missedBy(endpoint.ID); len(left) != 0 {
			t.Errorf("%d are still missed", len(left))
		}
	})
}

// A step costs the same however long the range is and whatever is in it.
func TestRecovery_StepsRunAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		for range 30 {
			h.emit("order.paid")
		}
		h.finishAll(404)
		h.miss(endpoint.ID, 1171)
		counted := func(id string) (n int, after store.Recovery) {
			h.tx(func(tx *store.Tx) (err error) {
				texts := tx.CountStatements()
				after, err = tx.StepRecovery(t.Context(), id)
				n = len(*texts)
				if db.Dialect() == store.PostgreSQL && n > 1 {
					n-- // it tells the planner to use indexes
				}
				return err
			})
			return n, after
		}
		nothing := h.recover(endpoint.ID, storetest.Start, "course.published")
		for _, reached := range []int64{500, 1000, 1201} {
			if n, after := counted(nothing.ID); n != 5 || after.Skipped != reached || after.Queued != 0 {
				t.Errorf("%d statements to pass over events: %+v", n, after)
			}
		}
		all := h.recover(endpoint.ID, storetest.Start)
		if n, after := counted(all.ID); n != 9 || after.Queued != 64 {
			t.Errorf("%d statements to queue ended deliveries and new ones: %+v", n, after)
		}
		if n, after := counted(all.ID); n != 3 || after.Queued != 64 {
			t.Errorf("%d statements without room: %+v", n, after)
		}
		h.complete(all.ID)
		if n, _ := counted(all.ID); n != 1 {
			t.Errorf("%d statements after its end", n)
		}
	})
}
