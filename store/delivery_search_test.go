package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// search walks a search to its end and returns what it found and how many pages stopped before they were full.
func (h *hooks) search(q store.DeliveryQuery) (ids []string, stopped int) {
	h.t.Helper()
	for range 100 {
		found, err := h.workspace.SearchDeliveries(h.t.Context(), q)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, d := range found.Items {
			ids = append(ids, d.ID)
		}
		if found.LookedBackTo != nil {
			stopped++
		}
		if found.NextCursor == nil {
			return ids, stopped
		}
		q.Cursor = *found.NextCursor
	}
	h.t.Fatal("the search has no end")
	return nil, 0
}

// Whatever filters are combined, a walk through the pages finds what meets all of them, newest first.
func TestSearchDeliveries_FindsWhatMeetsAllFilters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		one, two := h.endpoint(), h.endpoint()
		for i := range 12 {
			h.emit([]string{"order.paid", "student.created", "order.refunded"}[i%3])
			for k, claim := range h.claim(2) {
				h.finish(claim, []int{200, 404, 503, 200, 404}[(i+k)%5], time.Hour)
			}
			h.Clock.Advance(time.Second)
		}
		all := h.deliveries(store.DeliveryQuery{})
		since, until := storetest.Start.Add(3*time.Second), storetest.Start.Add(9*time.Second)
		for _, endpoint := range []string{"", one.ID, two.ID} {
			for _, kind := range []string{"", "order.paid", "course.published"} {
				for _, status := range []string{"", "succeeded", "failed", "pending", "canceled"} {
					for _, from := range []*time.Time{nil, &since} {
						q := store.DeliveryQuery{EndpointID: endpoint, EventType: kind, Status: status, Since: from, Until: &until}
						q.Limit = 3
						var want []string
						for _, d := range all {
							if (endpoint == "" || d.EndpointID == endpoint) && (kind == "" || d.EventType == kind) &&
								(status == "" || d.Status == status) && d.CreatedAt.Before(until) &&
								(from == nil || !d.CreatedAt.Before(*from)) {
								want = append(want, d.ID)
							}
						}
						if got, stopped := h.search(q); !slices.Equal(got, want) || stopped > 0 {
							t.Errorf("%+v finds %q, want %q; stopped %d times", q, got, want, stopped)
						}
					}
				}
			}
		}
		if len(all) != 24 {
			t.Errorf("%d deliveries", len(all))
		}
	})
}

// A search that finds little in a long log says how far it looked, and goes on from there.
func TestSearchDeliveries_CostsTheSameHoweverLongTheLog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h, raw := newHooks(t, db), openRaw(t, db)
		rare, full := h.endpoint(), h.endpoint()
		h.emit("student.created")
		for _, claim := range h.claim(2) {
			h.finish(claim, 404, 0)
		}
		h.bulkHistoryAfter(full.ID, rare.ID)
		for range 2 { // or the index of all workspaces would be as good
			other := newHooks(t, db)
			other.bulkHistory(other.endpoint().ID)
		}
		wanted := store.DeliveryQuery{EndpointID: rare.ID, Status: store.DeliveryFailed}
		if got, stopped := h.search(wanted); len(got) != 1 || stopped != 10 {
			t.Errorf("found %q after stopping %d times", got, stopped)
		}
		if _, err := raw.ExecContext(t.Context(), "ANALYZE"); err != nil {
			t.Fatal(err)
		}
		for index, q := range map[string]store.DeliveryQuery{
			"webhook_deliveries_unsuccessful": wanted,
			"webhook_deliveries_endpoint":     {EndpointID: full.ID, EventType: "student.created"},
			"webhook_deliveries_type":         {EventType: "order.paid", Status: store.DeliverySucceeded},
		} {
			texts, args, err := h.workspace.Statements(t.Context(), func(w *store.Workspace) error {
				found, err := w.SearchDeliveries(t.Context(), q)
				if err == nil && found.LookedBackTo == nil {
					err = fmt.Errorf("%+v found %d deliveries", q, len(found.Items))
				}
				return err
			})
			if err != nil || len(texts) != 2 {
				t.Fatalf("%d statements, %v", len(texts), err)
			}
			for i, text := range texts {
				plan := explainSQLite
				if db.Dialect() == store.PostgreSQL {
					plan = func(t *testing.T, raw *sql.DB, text string, args []any) string {
						return explain(t, raw, false, text, args)
					}
				}
				if got := plan(t, raw, text, args[i]); !strings.Contains(got, index) || strings.Contains(got, "TEMP B-TREE") ||
					strings.Contains(got, "Sort") || strings.Contains(got, "Seq Scan") {
					t.Errorf("sorts, or does not use %s:\n%s\n%s", index, text, got)
				}
			}
		}
	})
}

// bulkHistoryAfter is bulkHistory in a workspace that has one event already. As many deliveries of another event to
// another endpoint have succeeded.
func (h *hooks) bulkHistoryAfter(failedID, succeededID string) {
	h.t.Helper()
	change := func(text string, args ...any) {
		h.tx(func(tx *store.Tx) error {
			_, err := tx.Exec(h.t.Context(), text, args...)
			return err
		})
	}
	change(`UPDATE events SET seq = 20001 WHERE workspace_id = $1`)
	h.bulkHistory(failedID)
	change(`INSERT INTO webhook_deliveries (workspace_id, id, created_at, updated_at, endpoint_id, event_id, event_type, status, attempt_count)
		SELECT workspace_id, 'evd_' || id, created_at, created_at, $2, id, 'course.published', 'succeeded', 1 FROM events
		WHERE workspace_id = $1 AND seq % 2 = 1 AND seq < 20000`, succeededID)
}

func TestRecoveries_AreThoseOfTheEndpointNewestFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		one, two := h.endpoint(), h.endpoint()
		var want []string
		for range 7 {
			h.Clock.Advance(time.Minute)
			h.complete(h.recover(two.ID, storetest.Start).ID)
			recovery := h.recover(one.ID, storetest.Start)
			h.complete(recovery.ID)
			want = append([]string{recovery.ID}, want...)
		}
		list, err := h.workspace.Recoveries(t.Context(), one.ID)
		if err != nil || len(list) != 5 {
			t.Fatalf("%d recoveries, %v", len(list), err)
		}
		for i, got := range list {
			if got.ID != want[i] {
				t.Errorf("recovery %d is %+v", i, got)
			}
		}
	})
}
