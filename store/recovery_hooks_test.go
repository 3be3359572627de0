package store_test

import (
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// tryRecover asks for a recovery from a time on.
func (h *hooks) tryRecover(endpointID string, since time.Time, events ...string) (recovery store.Recovery, err error) {
	h.t.Helper()
	err = h.workspace.Tx(h.t.Context(), func(tx *store.Tx) (err error) {
		recovery, err = tx.Recover(h.t.Context(), endpointID, store.NewRecovery{Since: since, Events: events})
		return err
	})
	return recovery, err
}

func (h *hooks) recover(endpointID string, since time.Time, events ...string) store.Recovery {
	h.t.Helper()
	recovery, err := h.tryRecover(endpointID, since, events...)
	if err != nil {
		h.t.Fatal(err)
	}
	return recovery
}

// step goes on with a recovery, through the given process.
func (h *hooks) step(process *store.Store, id string) store.Recovery {
	h.t.Helper()
	h.Clock.Advance(time.Millisecond)
	var after store.Recovery
	storetest.Tx(h.t, process.Workspace(h.workspace.ID()), func(tx *store.Tx) (err error) {
		after, err = tx.StepRecovery(h.t.Context(), id)
		return err
	})
	return after
}

// recovery is what GET shows.
func (h *hooks) recovery(id string) store.Recovery {
	h.t.Helper()
	recovery, err := h.workspace.Recovery(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return recovery
}

// finishAll answers all that is due with a status, without a retry, and returns the claims.
func (h *hooks) finishAll(status int) (all []store.Claim) {
	h.t.Helper()
	for {
		claims := h.claim(100)
		if len(claims) == 0 {
			return all
		}
		outcomes := make([]store.Outcome, len(claims))
		for i, claim := range claims {
			outcomes[i] = store.Outcome{
				Claim: claim, Succeeded: status < 300, Attempt: store.Attempt{At: h.Clock.Now(), StatusCode: &status},
			}
		}
		if _, err := h.CompleteDeliveries(h.t.Context(), outcomes); err != nil {
			h.t.Fatal(err)
		}
		all = append(all, claims...)
	}
}

// complete steps a recovery to its end while a receiver answers 200, and returns what that received.
func (h *hooks) complete(id string) (all []store.Claim) {
	h.t.Helper()
	for range 10_000 {
		after := h.step(h.Store, id)
		all = append(all, h.finishAll(200)...)
		if after.FinishedAt != nil {
			return all
		}
	}
	h.t.Fatal("the recovery does not come to its end")
	return nil
}

func (h *hooks) setStatus(endpointID, status string) {
	h.t.Helper()
	h.patch(endpointID, store.EndpointPatch{Status: &status})
}

// miss makes n events happen while the endpoint is disabled.
func (h *hooks) miss(endpointID string, n int) {
	h.t.Helper()
	h.setStatus(endpointID, store.EndpointDisabled)
	h.tx(func(tx *store.Tx) error {
		for range n {
			if err := tx.Emit(h.t.Context(), event("student.created")); err != nil {
				return err
			}
		}
		return nil
	})
	h.setStatus(endpointID, store.EndpointActive)
}

func eventIDs(claims []store.Claim) []string {
	ids := make([]string, len(claims))
	for i, claim := range claims {
		ids[i] = claim.EventID
	}
	return ids
}

// feed is the ids of the workspace's events in their order.
func (h *hooks) feed() (ids []string) {
	h.t.Helper()
	q := store.EventQuery{Limit: 100}
	for {
		page, err := h.workspace.Events(h.t.Context(), q)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, e := range page.Items {
			ids = append(ids, e.ID)
		}
		if page.NextCursor == nil {
			return ids
		}
		q.Cursor = *page.NextCursor
	}
}
