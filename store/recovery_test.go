package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// This is what recovery is for: an endpoint was off for a week, and misses nothing of it afterwards.
func TestRecover_AfterAWeekOfBeingDisabled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.emit("student.created") // before the endpoint existed: not its business
		h.Clock.Advance(time.Hour)
		endpoint, other := h.endpoint(), h.endpoint()
		h.emit("student.created")
		h.finishAll(200)
		h.emit("order.paid")
		h.setStatus(endpoint.ID, store.EndpointDisabled) // cancels the order
		for range 7 {
			h.Clock.Advance(24 * time.Hour)
			h.emit("course.published")
		}
		h.setStatus(endpoint.ID, store.EndpointActive)
		h.emit("student.updated") // pending
		h.tx(func(tx *store.Tx) error {
			_, err := tx.TestEndpoint(t.Context(), other.ID) // in no feed
			return err
		})
		recovery := h.recover(endpoint.ID, storetest.Start)
		if recovery.State != store.RecoveryQueued || recovery.Total != 10 || recovery.Queued != 0 || recovery.Skipped != 0 ||
			!recovery.Since.Equal(storetest.Start) {
			t.Errorf("made %+v", recovery)
		}
		h.emit("student.deleted") // later than the recovery, so not in its range
		after := h.step(h.Store, recovery.ID)
		if after.State != store.RecoveryCompleted || after.Queued != 8 || after.Skipped != 2 || !after.FinishedAt.Equal(after.UpdatedAt) {
			t.Errorf("after the step %+v", after)
		}
		triggers := map[string]int{}
		var ids []string
		for _, claim := range h.finishAll(200) {
			if claim.EndpointID == endpoint.ID {
				triggers[claim.EventType+" "+claim.Trigger]++
				ids = append(ids, claim.EventID)
			}
		}
		if len(triggers) != 4 || triggers["order.paid recovery"] != 1 || triggers["course.published recovery"] != 7 ||
			triggers["student.updated auto"] != 1 || triggers["student.deleted auto"] != 1 {
			t.Errorf("delivered %v", triggers)
		}
		slices.Sort(ids)
		if want := h.feed()[2:]; !slices.Equal(ids, slices.Sorted(slices.Values(want))) {
			t.Errorf("delivered %v, want each of %v once", ids, want)
		}
		if again := h.recover(endpoint.ID, storetest.Start); again.Total != 11 {
			t.Errorf("a second one: %+v", again)
		} else if h.complete(again.ID); h.recovery(again.ID).Skipped != 11 {
			t.Errorf("nothing is missed any more, but: %+v", h.recovery(again.ID))
		}
	})
}

// A delivery that ended goes on under its own id, like one that is sent again by hand.
func TestRecover_StartsEndedDeliveriesAnew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.emit("student.created")
		failed := h.one()
		h.finish(failed, 404, 0)
		h.Clock.Advance(time.Hour)
		h.complete(h.recover(endpoint.ID, storetest.Start).ID)
		delivery, attempts := h.delivery(failed.DeliveryID)
		if delivery.Status != store.DeliverySucceeded || delivery.AttemptCount != 2 || attempts[0].Trigger != "recovery" ||
			attempts[0].Number != 2 || attempts[1].Trigger != "auto" {
			t.Errorf("delivery %+v, attempts %+v", delivery, attempts)
		}
		if n := len(h.deliveries(store.DeliveryQuery{})); n != 1 {
			t.Errorf("%d deliveries of one event", n)
		}
		h.emit("order.paid")
		h.finish(h.one(), 404, 0)
		h.step(h.Store, h.recover(endpoint.ID, storetest.Start).ID)
		claim := h.one()
		if claim.Attempt != 2 || claim.Tries != 0 || claim.Trigger != "recovery" {
			t.Errorf("claim %+v, want the schedule anew", claim)
		}
		h.finish(claim, 500, time.Minute)
		h.Clock.Advance(time.Minute)
		if retry := h.one(); retry.Attempt != 3 || retry.Tries != 1 || retry.Trigger != "auto" {
			t.Errorf("retry %+v", retry)
		}
	})
}

// What goes out is what the endpoint subscribes to when the job looks, and of that what was asked for.
func TestRecover_IsNarrowedBySubscriptionAndRequest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		for want, c := range map[string]struct{ subscribed, asked, later string }{
			"order.paid":                          {subscribed: "order.paid"},
			"course.published order.paid":         {subscribed: "order.paid", later: "order.paid course.published"},
			"course.published":                    {subscribed: "*", asked: "course.published"},
			"order.paid ":                         {subscribed: "order.paid course.published", asked: "order.paid student.created"},
			"":                                    {subscribed: "order.paid", asked: "student.created"},
			"course.published order.paid student": {subscribed: "order.paid", later: "*"},
		} {
			h := newHooks(t, db)
			endpoint := h.endpoint(strings.Fields(c.subscribed)...)
			h.setStatus(endpoint.ID, store.EndpointDisabled)
			for _, kind := range []string{"order.paid", "student", "course.published"} {
				h.emit(kind)
			}
			h.setStatus(endpoint.ID, store.EndpointActive)
			var asked []string
			if c.asked != "" {
				asked = strings.Fields(c.asked)
			}
			recovery := h.recover(endpoint.ID, storetest.Start, asked...)
			if c.later != "" {
				events := strings.Fields(c.later)
				h.patch(endpoint.ID, store.EndpointPatch{Events: &events})
			}
			var got []string
			for _, claim := range h.complete(recovery.ID) {
				got = append(got, claim.EventType)
			}
			slices.Sort(got)
			if strings.Join(got, " ") != strings.TrimSpace(want) {
				t.Errorf("%+v: delivered %q, want %q", c, got, want)
			}
			if after := h.recovery(recovery.ID); after.Total != 3 || after.Queued != int64(len(got)) || after.Skipped != int64(3-len(got)) {
				t.Errorf("%+v: %+v", c, after)
			}
		}
	})
}

func TestRecover_Refusals(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h, foreign := newHooks(t, db), newHooks(t, db)
		h.Clock.Advance(60 * 24 * time.Hour)
		endpoint, theirs := h.endpoint(), foreign.endpoint()
		now := h.Clock.Now()
		refused := func(field, says string, since time.Time) {
			t.Helper()
			var invalid *store.Invalid
			if _, err := h.tryRecover(endpoint.ID, since); !asInvalid(err, &invalid) || invalid.Field != field ||
				!strings.Contains(invalid.Issue, says) {
				t.Errorf("since %v: %v, want a refusal that says %q", since, err, says)
			}
		}
		refused("/since", "future", now.Add(time.Minute))
		refused("/since", "30 days", now.Add(-store.EventAge))
		h.setStatus(endpoint.ID, store.EndpointDisabled)
		refused("", "disabled", now)
		h.setStatus(endpoint.ID, store.EndpointActive)
		for _, id := range []string{"whe_unknown", theirs.ID} {
			if _, err := h.tryRecover(id, now); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("endpoint %s: %v", id, err)
			}
		}
		first := h.recover(endpoint.ID, now.Add(-store.EventAge+time.Second))
		refused("", first.ID, now)
		h.step(h.Store, first.ID)
		h.recover(endpoint.ID, now)
		h.recover(h.endpoint().ID, now) // another endpoint has one of its own
		mine := foreign.recover(theirs.ID, now)
		if _, err := h.workspace.Recovery(t.Context(), mine.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("read a foreign recovery: %v", err)
		}
	})
}

// Whoever ends an endpoint ends its recovery, in the same transaction.
func TestRecover_FailsWithItsEndpoint(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *hooks, id string){
		"disabled": func(h *hooks, id string) { h.setStatus(id, store.EndpointDisabled) },
		"deleted": func(h *hooks, id string) {
			h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), id) })
		},
		"disabled for its failures": func(h *hooks, _ string) {
			for range 8 {
				h.finish(h.claim(1)[0], 500, 0)
				h.Clock.Advance(24 * time.Hour)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *storetest.DB) {
				h := newHooks(t, db)
				endpoint := h.endpoint()
				h.miss(endpoint.ID, 100)
				recovery := h.recover(endpoint.ID, storetest.Start)
				if running := h.step(h.Store, recovery.ID); running.State != store.RecoveryRunning || running.Queued != 64 {
					t.Fatalf("running %+v", running)
				}
				end(h, endpoint.ID)
				after := h.recovery(recovery.ID)
				if after.State != store.RecoveryFailed || after.FinishedAt == nil || after.Total != 100 || after.Queued != 64 {
					t.Errorf("ended %+v", after)
				}
				if again := h.step(h.Store, recovery.ID); !again.UpdatedAt.Equal(after.UpdatedAt) || len(h.claim(100)) != 0 {
					t.Errorf("it went on: %+v", again)
				}
				if due, err := h.DueRecoveries(t.Context(), 10); err != nil || len(due) != 0 {
					t.Errorf("still due: %v, %v", due, err)
				}
			})
		})
	}
}

// An erased student is recovered as redelivering would: in the erased form, and from an order only the person is gone.
func TestRecover_SendsErasedStudentsInTheirErasedForm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.emit("student.created", "stu_1") // its delivery is canceled by the erasure
		h.tx(func(tx *store.Tx) error { return tx.EraseSubject(t.Context(), "stu_1") })
		h.setStatus(endpoint.ID, store.EndpointDisabled)
		h.tx(func(tx *store.Tx) error { // has no delivery
			order := store.Event{Type: "order.paid", Subjects: []string{"stu_1"}, Data: map[string]any{
				"id": "ord_1", "customer": map[string]any{"email": "a@example.com", "name": "Ann"},
			}}
			return errors.Join(tx.Emit(t.Context(), order), tx.EraseSubject(t.Context(), "stu_1"))
		})
		h.setStatus(endpoint.ID, store.EndpointActive)
		claims := h.complete(h.recover(endpoint.ID, storetest.Start).ID)
		if len(claims) != 2 || !strings.HasSuffix(string(claims[0].Body), `"data":{"erased":true,"id":"stu_1"}}`) ||
			!strings.HasSuffix(string(claims[1].Body), `"data":{"customer":{"email":null,"name":null},"id":"ord_1"}}`) {
			t.Errorf("sent %+v", claims)
		}
	})
}

// A recovery is kept for 30 days after its end, whatever became of its endpoint.
func TestRemoveOldRecoveries_KeepsThirtyDaysAndWhatRuns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		gone, running := h.endpoint(), h.endpoint()
		var ended []store.Recovery
		for range 3 {
			ended = append(ended, h.recover(gone.ID, h.Clock.Now()))
			h.step(h.Store, ended[len(ended)-1].ID)
		}
		h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), gone.ID) })
		kept := h.recover(running.ID, storetest.Start)
		h.Clock.Advance(store.EventAge - time.Second)
		if n, err := h.RemoveOldRecoveries(t.Context(), 2); err != nil || n != 0 {
			t.Errorf("removed %d too early, %v", n, err)
		}
		h.recovery(ended[2].ID)
		h.Clock.Advance(2 * time.Second)
		for _, want := range []int64{2, 1, 0} {
			if n, err := h.RemoveOldRecoveries(t.Context(), 2); err != nil || n != want {
				t.Errorf("removed %d, %v, want %d", n, err, want)
			}
		}
		h.recovery(kept.ID)
	})
}
