package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// hooks is a workspace whose deliveries a test drives by hand.
type hooks struct {
	*storetest.DB
	t         *testing.T
	workspace *store.Workspace
}

func newHooks(t *testing.T, db *storetest.DB) *hooks {
	t.Helper()
	return &hooks{DB: db, t: t, workspace: db.NewWorkspace(t)}
}

func (h *hooks) tx(do func(tx *store.Tx) error) {
	h.t.Helper()
	storetest.Tx(h.t, h.workspace, do)
}

// endpoint subscribes to the given events, or to all.
func (h *hooks) endpoint(events ...string) store.Endpoint {
	h.t.Helper()
	if len(events) == 0 {
		events = []string{"*"}
	}
	var endpoint store.Endpoint
	h.tx(func(tx *store.Tx) (err error) {
		endpoint, _, err = tx.CreateEndpoint(h.t.Context(), store.NewEndpoint{URL: "https://example.com/hook", Events: events})
		return err
	})
	return endpoint
}

func (h *hooks) emit(kind string, subjects ...string) {
	h.t.Helper()
	h.tx(func(tx *store.Tx) error { return tx.Emit(h.t.Context(), event(kind, subjects...)) })
}

func event(kind string, subjects ...string) store.Event {
	return store.Event{Type: kind, Data: map[string]any{"id": "stu_1", "email": "a@example.com"}, Subjects: subjects}
}

// claim takes up to n due deliveries.
func (h *hooks) claim(n int) []store.Claim {
	h.t.Helper()
	claims, err := h.ClaimDeliveries(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return claims
}

func (h *hooks) one() store.Claim {
	h.t.Helper()
	claims := h.claim(10)
	if len(claims) != 1 {
		h.t.Fatalf("claimed %d deliveries, want one", len(claims))
	}
	return claims[0]
}

const week = 7 * 24 * time.Hour

// finish completes a claim and reports whether it was heard.
func (h *hooks) finish(claim store.Claim, status int, retry time.Duration) (heard bool) {
	h.t.Helper()
	outcome := store.Outcome{
		Claim: claim, Succeeded: status < 300, DisableAfter: week,
		Attempt: store.Attempt{At: h.Clock.Now(), StatusCode: &status, RequestHeaders: map[string]string{"X-TBC-Attempt": "1"}},
	}
	if retry > 0 {
		outcome.RetryIn = &retry
	}
	fenced, err := h.CompleteDeliveries(h.t.Context(), []store.Outcome{outcome})
	if err != nil {
		h.t.Fatal(err)
	}
	return fenced == 0
}

func (h *hooks) deliveries(q store.DeliveryQuery) []store.Delivery {
	h.t.Helper()
	q.Limit = 100
	page, err := h.workspace.Deliveries(h.t.Context(), q)
	if err != nil {
		h.t.Fatal(err)
	}
	return page.Items
}

func (h *hooks) delivery(id string) (store.Delivery, []store.Attempt) {
	h.t.Helper()
	delivery, attempts, err := h.workspace.Delivery(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return delivery, attempts
}

func (h *hooks) state(id string) store.Endpoint {
	h.t.Helper()
	endpoint, err := h.workspace.Endpoint(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return endpoint
}

func statuses(list []store.Delivery) string {
	var all []string
	for _, d := range list {
		all = append(all, d.Status)
	}
	return strings.Join(all, " ")
}

func asInvalid(err error, target **store.Invalid) bool { return errors.As(err, target) }
