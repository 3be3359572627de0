package store_test

import (
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// When the file cannot grow, changes and completions fail whole: no event without its deliveries, none of a change
// that failed, no attempt half recorded. With room again everything goes on, and what was claimed meanwhile is heard.
func TestDiskFull_SQLiteWritesNothingByHalves(t *testing.T) {
	t.Parallel()
	h := newHooks(t, storetest.SQLite(t))
	h.endpoint()
	h.endpoint()
	h.emit("student.created")
	claims := h.claim(10)
	if err := h.LimitPages(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	large := event("order.paid")
	large.Data = map[string]any{"id": "ord_1", "title": strings.Repeat("x", 5000)}
	committed := 1
	fill := func() error {
		return h.workspace.Tx(t.Context(), func(tx *store.Tx) error { return tx.Emit(t.Context(), large) })
	}
	var full error
	for full = fill(); full == nil; full = fill() {
		if committed++; committed > 100 {
			t.Fatal("the file still grows")
		}
	}
	if !strings.Contains(full.Error(), "full") {
		t.Errorf("failed with %v", full)
	}
	body := strings.Repeat("y", 4000)
	status := 200
	var outcomes []store.Outcome
	for _, claim := range claims {
		outcomes = append(outcomes, store.Outcome{Claim: claim, Succeeded: true, Attempt: store.Attempt{
			At: h.Clock.Now(), StatusCode: &status, ResponseBody: &body,
		}})
	}
	_, refused := h.CompleteDeliveries(t.Context(), outcomes)
	for _, claim := range claims {
		d, attempts := h.delivery(claim.DeliveryID)
		if done := len(attempts) == 1; done != (refused == nil) || done != (d.Status == store.DeliverySucceeded) {
			t.Errorf("completion %v left %+v with %d attempts", refused, d, len(attempts))
		}
	}
	h.wantEvents(committed)

	if err := h.LimitPages(t.Context(), 100_000); err != nil {
		t.Fatal(err)
	}
	if refused != nil {
		if fenced, err := h.CompleteDeliveries(t.Context(), outcomes); err != nil || fenced != 0 {
			t.Errorf("with room again: %d fenced, %v", fenced, err)
		}
	}
	if err := fill(); err != nil {
		t.Fatal(err)
	}
	h.wantEvents(committed + 1)
	delivered := len(claims)
	for list := h.claim(100); len(list) > 0; list = h.claim(100) {
		for _, claim := range list {
			h.finish(claim, 200, 0)
			delivered++
		}
	}
	if want := 2 * (committed + 1); delivered != want {
		t.Errorf("%d delivered, want %d", delivered, want)
	}
}

// wantEvents checks that there are n events, numbered without a gap, each with its delivery to both endpoints.
func (h *hooks) wantEvents(n int) {
	h.t.Helper()
	page, err := h.workspace.Events(h.t.Context(), store.EventQuery{Limit: 100})
	if err != nil || len(page.Items) != n || page.Items[n-1].Seq != int64(n) {
		h.t.Fatalf("%d events, want %d; %v", len(page.Items), n, err)
	}
	if list := h.deliveries(store.DeliveryQuery{}); len(list) != min(2*n, 100) {
		h.t.Errorf("%d deliveries of %d events to two endpoints", len(list), n)
	}
}
