package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"sync"
	"time"
)

// How an attempt to deliver ended. A delivery that was canceled counts, too: it ends without an attempt.
const (
	OutcomeSucceeded = "succeeded"
	OutcomeRetried   = "retried" // failed, and another attempt is planned
	OutcomeFailed    = "failed"  // the last one
	OutcomeCanceled  = "canceled"
)

// countSlot is the time that one count is of. The offsets of all time zones are multiples of it.
const countSlot = 15 * time.Minute

// countAge is how long counts are kept: thirty days, and the day that has begun in any time zone.
const countAge = 32 * 24 * time.Hour

// slotOf is the stored start of the slot of a stored time.
func slotOf(at int64) int64 { return at - at%countSlot.Microseconds() }

// countPostgres ends settlePostgres: it counts what the group was heard with. $16 is the slot, $17 the writer. The order
// is for the case that two transactions draw the same name for their writer: then one waits, and neither for ever.
const countPostgres = `, counted AS (
		INSERT INTO delivery_counts AS c (workspace_id, slot, outcome, writer, count)
		SELECT workspace_id, $16, outcome, $17, count(*) FROM (
			SELECT workspace_id, CASE status WHEN 'pending' THEN 'retried' ELSE status END AS outcome FROM heard) AS ended
		GROUP BY workspace_id, outcome ORDER BY workspace_id, outcome
		ON CONFLICT (workspace_id, slot, outcome, writer) DO UPDATE SET count = c.count + excluded.count
	)`

// countOne adds to one count: $1 is the workspace.
const countOne = `INSERT INTO delivery_counts AS c (workspace_id, slot, outcome, writer, count) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (workspace_id, slot, outcome, writer) DO UPDATE SET count = c.count + excluded.count`

// countKey is what a count is of.
type countKey struct{ workspaceID, outcome string }

// countSQLite adds a group to the counts, a row for each workspace and outcome.
func countSQLite(ctx context.Context, db connection, heard []outcomeRow, writer string) error {
	sums, order := map[countKey]int64{}, []countKey(nil)
	for _, r := range heard {
		e := countKey{r.WorkspaceID, r.status}
		if r.status == DeliveryPending {
			e.outcome = OutcomeRetried
		}
		if sums[e]++; sums[e] == 1 {
			order = append(order, e)
		}
	}
	_, err := execRows(ctx, db, countOne, order, func(e countKey) []any {
		return []any{e.workspaceID, slotOf(heard[0].now), e.outcome, writer, sums[e]}
	})
	return err
}

// countedByTx is the writer of what a Tx counts: nobody else counts cancellations, and there is one Tx of a workspace at
// a time.
const countedByTx = "tx"

// countCanceled notes that the Tx canceled n deliveries.
func (tx *Tx) countCanceled(ctx context.Context, n int64) error {
	if n == 0 {
		return nil
	}
	_, err := tx.scope.exec(ctx, countOne, slotOf(micros(tx.now)), OutcomeCanceled, countedByTx, n)
	return wrap("count canceled deliveries", err)
}

// writers are names under which transactions of this process count. A name is one transaction's at a time, so that
// nobody waits for a count: there are as many as transactions ever counted at once.
type writers struct {
	mu   sync.Mutex
	free []string
}

// take lends a name until done is called.
func (w *writers) take() (name string, done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.free); n > 0 {
		name, w.free = w.free[n-1], w.free[:n-1]
	} else {
		var raw [6]byte
		_, _ = rand.Read(raw[:]) // never fails
		name = hex.EncodeToString(raw[:])
	}
	return name, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.free = append(w.free, name)
	}
}

// DeliveryCount is how many attempts (or cancellations) had an outcome in the span of that index.
type DeliveryCount struct {
	Span    int
	Outcome string
	Count   int64
}

// countSpan is a span as a statement takes it.
type countSpan struct {
	Index int   `json:"i"`
	From  int64 `json:"f"`
	Till  int64 `json:"t"`
}

// DeliveryCounts adds up the outcomes of each span from one bound to the next: spans are one fewer than bounds. Bounds
// are rounded down to quarters of an hour, and counts are kept for 32 days. One query, whose cost grows with the time
// and not with the deliveries.
func (w *Workspace) DeliveryCounts(ctx context.Context, bounds []time.Time) ([]DeliveryCount, error) {
	var spans []countSpan
	for i := 1; i < len(bounds); i++ {
		spans = append(spans, countSpan{i - 1, slotOf(micros(bounds[i-1])), slotOf(micros(bounds[i]))})
	}
	rows, err := jsonRows(spans)
	if err != nil {
		return nil, err
	}
	list, err := scanAll(ctx, w.scope, sqlQuery{
		text: w.store.sql(`WITH spans (span, begins, ends) AS MATERIALIZED (
				SELECT CAST(r.value->>'i' AS bigint), CAST(r.value->>'f' AS bigint), CAST(r.value->>'t' AS bigint) FROM {rows $2})
			SELECT s.span, c.outcome, CAST(sum(c.count) AS bigint)
			FROM spans s JOIN delivery_counts c ON c.workspace_id = $1 AND c.slot >= s.begins AND c.slot < s.ends
			GROUP BY s.span, c.outcome ORDER BY s.span, c.outcome`),
		args: []any{rows}, capacity: len(spans),
	}, func(row *sql.Rows, c *DeliveryCount) error { return row.Scan(whole(&c.Span), &c.Outcome, &c.Count) })
	return list, wrap("count deliveries", err)
}

// RemoveOldDeliveryCounts deletes at most batch counts that no chart shows any more, and returns how many it was.
func (s *Store) RemoveOldDeliveryCounts(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "delivery counts", `DELETE FROM delivery_counts WHERE (workspace_id, slot, outcome, writer) IN (
		SELECT workspace_id, slot, outcome, writer FROM delivery_counts WHERE slot < {now} - $1 ORDER BY slot LIMIT $2)`,
		countAge.Microseconds(), batch)
}
