package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

const (
	// recoveryWindow is how many recovered deliveries of an endpoint may wait at once, those to be retried included.
	// A new event of the endpoint is never behind more of them.
	recoveryWindow = 64
	// recoveryRefill is at how many of them more are queued. It is over the endpoint's cap, so that it has no pause,
	// and well below the window, so that a step is worth its transaction.
	recoveryRefill = 32
	// recoveryReach is how many events a step looks at. It bounds the time for which the workspace is held.
	recoveryReach = 500
)

// waitsForRecovery are the recovered deliveries that wait for the endpoint of r. By webhook_deliveries_recovered.
const waitsForRecovery = `FROM webhook_deliveries d WHERE d.workspace_id = r.workspace_id AND d.endpoint_id = r.endpoint_id
	AND d.recovering IS NOT NULL`

// dueRecoveries is by webhook_recoveries_finished, or webhook_recoveries_unfinished if few wait; it counts no further than it must.
var dueRecoveries = fmt.Sprintf(`SELECT r.workspace_id, r.id FROM webhook_recoveries r WHERE r.finished_at IS NULL
	AND (SELECT count(*) FROM (SELECT 1 %s LIMIT %d) AS w) <= %d
	ORDER BY r.updated_at LIMIT $1`, waitsForRecovery, recoveryRefill+1, recoveryRefill)

// DueRecoveries finds recoveries that can go on, over all workspaces, the longest waiting first. Those whose endpoint
// has enough waiting are left out without a transaction.
func (s *Store) DueRecoveries(ctx context.Context, limit int) ([]Due, error) {
	list, err := s.due(ctx, dueRecoveries, limit)
	return list, wrap("find due recoveries", err)
}

// missed is an event that an endpoint should have and does not, with the delivery of it that ended without success.
type missed struct {
	seq           int64
	eventID, kind string
	deliveryID    *string // nil if there is none
	attempts      *int64  // of that delivery
}

// StepRecovery goes on with a recovery: it looks at the next events of its range and queues the missed ones for as
// long as there is room in the window. The place in the range and the deliveries move in this one transaction, so
// that a step happens as a whole or not at all, on however many processes. It changes nothing if the recovery is
// finished or has no room. The number of its statements is fixed.
func (tx *Tx) StepRecovery(ctx context.Context, id string) (Recovery, error) {
	recovery, err := readRecovery(ctx, tx.scope, id)
	if err != nil || recovery.FinishedAt != nil {
		return recovery, err
	}
	if err := tx.planByIndex(ctx); err != nil {
		return Recovery{}, err
	}
	endpoint, err := tx.holdEndpoint(ctx, recovery.EndpointID) // nobody completes or cancels its deliveries meanwhile
	if err != nil {
		return Recovery{}, err
	}
	room, err := tx.recoveryRoom(ctx, id)
	if err != nil || room < 1 {
		return recovery, err
	}
	upTo := min(recovery.reached+recoveryReach, recovery.endsAt)
	found, err := tx.missed(ctx, recovery, endpoint, missedPage{upTo: upTo, limit: room})
	if err != nil {
		return Recovery{}, fmt.Errorf("step recovery %s: %w", id, err)
	}
	if len(found) == room { // what lies behind the last one was not looked at
		upTo = found[room-1].seq
	}
	if err := tx.queueMissed(ctx, recovery, found); err != nil {
		return Recovery{}, fmt.Errorf("step recovery %s: %w", id, err)
	}
	return tx.moveRecovery(ctx, id, upTo, len(found))
}

func (tx *Tx) recoveryRoom(ctx context.Context, id string) (int, error) {
	waiting, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT (SELECT count(*) ` + waitsForRecovery + `) FROM webhook_recoveries r WHERE r.workspace_id = $1 AND r.id = $2`,
		args: []any{id},
	}, func(row *sql.Rows, n *int) error { return row.Scan(n) })
	return recoveryWindow - waiting, err
}

// missedPage bounds a search: numbers up to upTo, at most limit events.
type missedPage struct {
	upTo  int64
	limit int
}

// missed finds the next events of the range that the endpoint wants, that were asked for, and that have no delivery
// to it which is pending or has succeeded, in the order of their commits. An event has at most one delivery to an
// endpoint. By events_seq and webhook_deliveries_event; the concatenation with an empty text keeps both databases from going through all
// deliveries of the endpoint for each event instead.
func (tx *Tx) missed(ctx context.Context, r Recovery, endpoint Endpoint, page missedPage) ([]missed, error) {
	everything, types := recoveredTypes(r, endpoint)
	list, err := jsonRows(types)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(`SELECT m.seq, m.id, m.type, d.id, d.attempt_count
		FROM (SELECT e.seq, e.id, e.type, (SELECT f.id FROM webhook_deliveries f WHERE f.workspace_id = $1
				AND f.event_id = e.id AND f.endpoint_id || '' = $3 LIMIT 1) AS delivery_id
			FROM events e WHERE e.workspace_id = $1 AND e.seq > $4 AND e.seq <= $5
				AND (%t OR e.type IN (SELECT value->>'t' FROM {rows $2}))) AS m
		LEFT JOIN webhook_deliveries d ON d.workspace_id = $1 AND d.id = m.delivery_id
		WHERE d.id IS NULL OR d.status IN ('failed', 'canceled')
		ORDER BY m.seq LIMIT $6`, everything)
	return scanAll(ctx, tx.scope, sqlQuery{
		text: tx.store.sql(text),
		args: []any{list, endpoint.ID, r.reached, page.upTo, page.limit}, capacity: page.limit,
	}, func(row *sql.Rows, m *missed) error {
		return row.Scan(&m.seq, &m.eventID, &m.kind, textOrNil(&m.deliveryID), amountOrNil(&m.attempts))
	})
}

// typeRow is a type of event as statements take it.
type typeRow struct {
	Type string `json:"t"`
}

// recoveredTypes are the types that the endpoint subscribes to now and that were asked for; if that is
// everything, the list means nothing.
func recoveredTypes(r Recovery, endpoint Endpoint) (everything bool, types []typeRow) {
	types = []typeRow{}
	all := slices.Contains(endpoint.Events, "*")
	asked := endpoint.Events
	if r.types != nil {
		asked = r.types
	}
	for _, kind := range asked {
		if all || slices.Contains(endpoint.Events, kind) {
			types = append(types, typeRow{kind})
		}
	}
	return all && r.types == nil, types
}

// queueMissed starts the deliveries of missed events, in their order: those that there are anew, as Redeliver does.
func (tx *Tx) queueMissed(ctx context.Context, r Recovery, found []missed) error {
	list := make([]newDelivery, len(found))
	for i, m := range found {
		list[i] = newDelivery{
			endpointID: r.EndpointID, eventID: m.eventID, eventType: m.kind, cause: causeRecovery, recoveryID: &r.ID,
		}
		if m.deliveryID != nil {
			list[i].again, list[i].attempts = *m.deliveryID, *m.attempts
		}
	}
	_, err := tx.addDeliveries(ctx, list)
	return err
}

// moveRecovery notes how far the recovery has come.
func (tx *Tx) moveRecovery(ctx context.Context, id string, reached int64, queued int) (Recovery, error) {
	moved, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `UPDATE webhook_recoveries SET reached = $3, queued = queued + $4, updated_at = CAST($5 AS bigint),
				state = CASE WHEN ends_at = $3 THEN 'completed' ELSE 'running' END,
				finished_at = CASE WHEN ends_at = $3 THEN CAST($5 AS bigint) END
			WHERE workspace_id = $1 AND id = $2 RETURNING ` + recoveryColumns,
		args: []any{id, reached, queued, micros(tx.now)}, capacity: 1,
	}, scanRecovery)
	return moved, wrap("move recovery "+id, err)
}
