package store_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// bulkHistory are a long feed and its log: of n events, every other one has a failed delivery to the endpoint ($2).
var bulkHistory = []string{
	`INSERT INTO events (workspace_id, id, seq, type, body, created_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		SELECT $1, 'evt_' || CAST(i AS text), i, 'order.paid', '{}', CAST($2 AS bigint) + i FROM n`,
	`INSERT INTO webhook_deliveries (workspace_id, id, created_at, updated_at, endpoint_id, event_id, event_type, status, attempt_count)
		SELECT workspace_id, 'evd_' || id, created_at, created_at, $2, id, type, 'failed', 7 FROM events
		WHERE workspace_id = $1 AND seq % 2 = 0`,
	`UPDATE workspaces SET last_event = 20000 WHERE id = $1`,
}

func (h *hooks) bulkHistory(endpointID string) {
	h.t.Helper()
	h.tx(func(tx *store.Tx) error {
		args := [][]any{{storetest.Start.UnixMicro()}, {endpointID}, nil}
		for i, text := range bulkHistory {
			if _, err := tx.Exec(h.t.Context(), text, args[i]...); err != nil {
				return err
			}
		}
		return nil
	})
}

// A recovery in a workspace with a long history must cost no more than in a fresh one, whether the database has
// statistics or, right after a busy hour, none.
func TestRecovery_UsesItsIndexes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h, raw := newHooks(t, db), openRaw(t, db)
		endpoint := h.endpoint()
		h.bulkHistory(endpoint.ID)
		for _, known := range []bool{false, true} {
			if known {
				if _, err := raw.ExecContext(t.Context(), "ANALYZE"); err != nil {
					t.Fatal(err)
				}
			}
			h.wantPlan(raw, db.DueRecoveriesSQL(), []any{100}, "webhook_recoveries_", "webhook_deliveries_recovered")
			texts, args := h.recoveryStatements(endpoint.ID)
			for i, text := range texts {
				var indexes []string
				switch {
				case strings.Contains(text, "count(*)"):
					indexes = []string{"webhook_deliveries_recovered"}
				case strings.Contains(text, "AS delivery_id"):
					indexes = []string{"events_seq", "webhook_deliveries_event"}
				}
				h.wantPlan(raw, text, args[i], indexes...)
			}
		}
	})
}

// recoveryStatements are those of asking for a recovery and of a step in its middle, which the caller finds undone.
func (h *hooks) recoveryStatements(endpointID string) (texts []string, args [][]any) {
	h.t.Helper()
	err := h.workspace.Tx(h.t.Context(), func(tx *store.Tx) error {
		ran, with := tx.Recorded()
		recovery, err := tx.Recover(h.t.Context(), endpointID, store.NewRecovery{Since: storetest.Start, Events: []string{"order.paid"}})
		if err != nil {
			return err
		}
		after, err := tx.StepRecovery(h.t.Context(), recovery.ID)
		if err != nil || after.Queued != 64 || after.Total != 20000 {
			h.t.Errorf("after a step %+v, %v", after, err)
		}
		texts, args = *ran, *with
		return context.Canceled
	})
	if err == nil || len(texts) < 13 {
		h.t.Fatalf("%d statements, %v", len(texts), err)
	}
	return texts, args
}

// wantPlan checks that a statement uses the indexes, and reads no large table whole.
func (h *hooks) wantPlan(raw *sql.DB, text string, args []any, indexes ...string) {
	h.t.Helper()
	plan := ""
	if h.Dialect() == store.PostgreSQL {
		plan = explain(h.t, raw, strings.Contains(text, "webhook_deliveries"), text, args) // as the step asks for
	} else {
		plan = explainSQLite(h.t, raw, text, args)
	}
	for _, index := range indexes {
		if !strings.Contains(plan, index) {
			h.t.Errorf("does not use %s:\n%s\n%s", index, text, plan)
		}
	}
	for _, whole := range []string{"Seq Scan on events", "Seq Scan on webhook_deliveries", "SCAN e", "SCAN d", "SCAN webhook_deliveries"} {
		if strings.Contains(plan, whole+" ") || strings.Contains(plan, whole+"\n") {
			h.t.Errorf("reads a table whole:\n%s\n%s", text, plan)
		}
	}
}

func explainSQLite(t *testing.T, raw *sql.DB, text string, args []any) string {
	t.Helper()
	found, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var plan strings.Builder
	for found.Next() {
		var id, parent, unused int
		var line string
		if err := found.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	return plan.String()
}
