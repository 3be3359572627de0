package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// figures are rounded to seconds: every Tx is a microsecond later than the one before it.
func (h *hooks) figures() store.Figures {
	h.t.Helper()
	f, err := h.Figures(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	f.Oldest, f.Stalled, f.OldestEmail = f.Oldest.Round(time.Second), f.Stalled.Round(time.Second), f.OldestEmail.Round(time.Second)
	return f
}

func (h *hooks) wantFigures(what string, want store.Figures) {
	h.t.Helper()
	if got := h.figures(); got != want {
		h.t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// What waits for the cap of its endpoint waits, whatever the reason: its age is told.
func TestFigures_AgeCountsWhatTheCapHoldsBackAndWhatALeaseHasLost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.wantFigures("an empty database", store.Figures{})
		h.endpoint()
		for range 17 {
			h.emit("student.created")
		}
		if n := len(h.claim(100)); n != 16 {
			t.Fatalf("claimed %d, want the cap of 16", n)
		}
		h.Clock.Advance(50 * time.Second)
		h.wantFigures("one held back by the cap", store.Figures{Oldest: 50 * time.Second, Due: 1, Leased: 16})
		h.Clock.Advance(20 * time.Second)
		h.wantFigures("after the leases", store.Figures{Oldest: 70 * time.Second, Stalled: 70 * time.Second, Due: 17})
		claims := h.claim(100)
		h.Clock.Advance(time.Second)
		for _, claim := range claims {
			h.finish(claim, 500, time.Hour)
		}
		h.wantFigures("retries for later", store.Figures{Oldest: 11 * time.Second, Due: 1, Scheduled: 16, Failing: 1})
	})
}

// A receiver that hangs makes its own deliveries late. That is told, and is not taken for an engine that stands still.
func TestFigures_AHangingEndpointIsLateAndNotStalled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		for range 40 {
			h.emit("student.created")
		}
		start := h.Clock.Now()
		for range 20 { // five minutes of attempts that all take their 15 seconds
			claims := h.claim(100)
			h.Clock.Advance(15 * time.Second)
			for _, claim := range claims {
				h.finish(claim, 504, time.Hour)
			}
			if f := h.figures(); f.Stalled != 0 {
				t.Fatalf("taken for stalled: %+v", f)
			}
		}
		if f := h.figures(); f.Oldest != h.Clock.Now().Sub(start).Round(time.Second) || f.Due == 0 {
			t.Errorf("late: %+v", f)
		}
	})
}

// What nobody sends is stalled, however well other endpoints are served.
func TestFigures_ADeliveryThatNobodySendsIsStalled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		served := h.endpoint("order.paid")
		h.endpoint("student.created")
		h.emit("order.paid")
		claim := h.one()
		h.emit("student.created")
		h.Clock.Advance(store.StalledAfter - time.Second)
		if age, err := h.Stalled(t.Context()); age != 0 || err != nil {
			t.Errorf("within a minute: %s, %v", age, err)
		}
		h.Clock.Advance(4*time.Minute + time.Second)
		h.finish(claim, 200, 0)
		if served = h.state(served.ID); served.LastSuccessAt == nil {
			t.Fatal("the other endpoint was not served")
		}
		if age, err := h.Stalled(t.Context()); age.Round(time.Second) != 5*time.Minute || err != nil {
			t.Errorf("after five minutes: %s, %v", age, err)
		}
		h.finish(h.one(), 200, 0)
		h.wantFigures("once sent", store.Figures{})
	})
}

func TestFigures_CountEndpointsInTroubleAndEmails(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		off := store.EndpointDisabled
		manual, deleted, failing := h.endpoint("order.paid"), h.endpoint("order.paid"), h.endpoint("student.created")
		h.patch(manual.ID, store.EndpointPatch{Status: &off})
		h.patch(deleted.ID, store.EndpointPatch{Status: &off})
		h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), deleted.ID) })
		h.emit("student.created")
		h.finish(h.one(), 500, 0)
		h.wantFigures("one of each", store.Figures{Failing: 1, DisabledManual: 1})
		for range 8 {
			h.Clock.Advance(24 * time.Hour)
			h.emit("student.created")
			if claims := h.claim(1); len(claims) == 1 {
				h.finish(claims[0], 500, 0)
			}
		}
		if h.state(failing.ID).Status != store.EndpointDisabled {
			t.Fatal("the endpoint was not disabled")
		}
		h.Clock.Advance(time.Minute)
		f := h.figures()
		if f.Failing != 0 || f.DisabledFailing != 1 || f.DisabledManual != 1 || f.Emails != 1 || f.OldestEmail < time.Minute {
			t.Errorf("after a week: %+v", f)
		}
	})
}

// Recoveries count until they have ended, and what they have queued until it is final.
func TestFigures_CountRecoveriesAndWhatTheyQueue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint, since := h.endpoint(), h.Clock.Now()
		h.emit("student.created")
		h.finish(h.one(), 400, 0)
		h.Clock.Advance(time.Minute)
		recovery, err := h.tryRecover(endpoint.ID, since)
		if err != nil {
			t.Fatal(err)
		}
		if f := h.figures(); f.Recoveries != 1 || f.Recovered != 0 {
			t.Errorf("before the first step: %+v", f)
		}
		for range 3 { // a step that finds nothing ends it
			h.tx(func(tx *store.Tx) error {
				_, err := tx.StepRecovery(t.Context(), recovery.ID)
				return err
			})
		}
		if f := h.figures(); f.Recoveries != 0 || f.Recovered != 1 || f.Due != 1 {
			t.Errorf("after the last step: %+v", f)
		}
		h.finish(h.one(), 200, 0)
		h.wantFigures("once sent", store.Figures{})
	})
}

// A scrape must not cost more the more there is: every part is read by index, and counting ends.
func TestFigures_AreReadByIndexAndCountNoFurtherThanTheyMust(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		raw := openRaw(t, db)
		series := fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, store.FigureMost+50)
		for _, text := range []string{
			`INSERT INTO webhook_queue (delivery_id, workspace_id, endpoint_id, event_id, attempt, tries, caused_by, next_at,
				lease_token) ` + series + ` SELECT 'whd_' || i, 'org_' || (i % 100), 'whe_' || (i % 1000), 'evt_1', 1, 0, 'auto', i, 0 FROM n`,
		} {
			if _, err := raw.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		if f, err := db.Figures(t.Context()); err != nil || f.Due != store.FigureMost || f.Leased != 0 || f.Scheduled != 0 {
			t.Errorf("figures %+v, %v", f, err)
		}
		conn, err := raw.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		explain := "EXPLAIN "
		if db.Dialect() == store.SQLite {
			explain = "EXPLAIN QUERY PLAN "
		}
		before, texts, args := db.FigureStatements()
		for _, text := range []string{"BEGIN", before} {
			if _, err := conn.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		for i, text := range texts {
			found, err := conn.QueryContext(t.Context(), explain+text, args[i]...)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(dumpRows(t, found)) {
				if scansTable(line) {
					t.Errorf("%s\nreads a table whole: %s", text, line)
				}
			}
		}
	})
}

// scansTable reports whether a line of a plan reads a table of the schema from end to end.
func scansTable(line string) bool {
	if strings.Contains(line, "Seq Scan on ") {
		return true
	}
	_, what, scans := strings.Cut(line, "SCAN ")
	if !scans || strings.Contains(what, "USING") {
		return false
	}
	for _, derived := range []string{"CONSTANT ROW", "lanes", "begun", "l", "due", "later", "missed", "waiting", "(subquery"} {
		if strings.HasPrefix(strings.TrimSpace(what), derived) {
			return false
		}
	}
	return true
}
