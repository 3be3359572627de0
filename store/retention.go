package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// Retention is one walk over what is older than EventAge, oldest first. It remembers how far it has come, so that a
// batch looks neither at what was kept nor at the remains of what was removed, of which there may be a million.
// It is for one goroutine.
type Retention struct {
	store      *Store
	deliveries int64 // created_at of the last delivery that was removed
	events     int64 // created_at and key of the last event that was looked at
	event      laneKey
}

// Retention begins a walk.
func (s *Store) Retention() *Retention { return &Retention{store: s} }

// RemoveDeliveries deletes at most batch deliveries, with their attempts, and returns how many. Call it again while it
// returns something; a small batch holds locks for a short time. A delivery that is still pending stays.
func (r *Retention) RemoveDeliveries(ctx context.Context, batch int) (int64, error) {
	return r.store.removeOld(ctx, "remove old deliveries", func(db connection, before int64) (int64, error) {
		old, err := readAll(ctx, db, sqlQuery{
			text: r.store.sql(`SELECT workspace_id, id, created_at FROM webhook_deliveries
				WHERE created_at >= $1 AND created_at <= $2 AND status <> 'pending'
				ORDER BY created_at LIMIT $3 {lock}`),
			args: []any{r.deliveries, before, batch}, capacity: batch,
		}, func(row *sql.Rows, old *oldRow) error { return row.Scan(&old.WorkspaceID, &old.EndpointID, &old.at) })
		if err != nil || len(old) == 0 {
			return 0, err
		}
		r.deliveries = old[len(old)-1].at
		return int64(len(old)), r.store.removeRows(ctx, db, old, "webhook_attempts.delivery_id", "webhook_deliveries.id")
	})
}

// RemoveEvents deletes at most batch events of those that follow, and returns how many: 0 at the end of the walk. An
// event stays while it has a delivery: one that is pending, or that was made later than the event.
func (r *Retention) RemoveEvents(ctx context.Context, batch int) (removed int64, err error) {
	for seen := batch; removed == 0 && seen == batch && err == nil; {
		removed, err = r.store.removeOld(ctx, "remove old events", func(db connection, before int64) (int64, error) {
			found, err := r.nextEvents(ctx, db, before, batch)
			seen = len(found)
			if err != nil || seen == 0 {
				return 0, err
			}
			r.events, r.event = found[seen-1].at, found[seen-1].laneKey
			free := slices.DeleteFunc(found, func(event oldRow) bool { return event.kept })
			return int64(len(free)), r.store.removeRows(ctx, db, free, "event_subjects.event_id", "events.id")
		})
	}
	return removed, err
}

// oldRow is a row that is to be removed unless it is kept. Its id is in the place of an endpoint's.
type oldRow struct {
	laneKey
	at   int64
	kept bool
}

// nextEvents reads the events that follow, by the index events_created; those of one moment are told apart by their
// keys. Those with deliveries are kept.
func (r *Retention) nextEvents(ctx context.Context, db connection, before int64, batch int) ([]oldRow, error) {
	return readAll(ctx, db, sqlQuery{
		text: `SELECT e.workspace_id, e.id, e.created_at, EXISTS (
				SELECT 1 FROM webhook_deliveries d WHERE d.workspace_id = e.workspace_id AND d.event_id = e.id)
			FROM events e WHERE e.created_at >= $1 AND e.created_at <= $2
				AND (e.created_at > $1 OR (e.workspace_id, e.id) > ($3, $4))
			ORDER BY e.created_at, e.workspace_id, e.id LIMIT $5`,
		args: []any{r.events, before, r.event.WorkspaceID, r.event.EndpointID, batch}, capacity: batch,
	}, func(row *sql.Rows, e *oldRow) error {
		return row.Scan(&e.WorkspaceID, &e.EndpointID, &e.at, &e.kept)
	})
}

// removeOld runs a removal of what is older than EventAge, in a transaction of its own.
func (s *Store) removeOld(ctx context.Context, what string, remove func(db connection, before int64) (int64, error)) (removed int64, err error) {
	now, err := s.Clock(ctx)
	if err != nil {
		return 0, err
	}
	err = s.inTx(ctx, func(db connection) (err error) {
		removed, err = remove(db, micros(now.Add(-EventAge)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return removed, nil
}

// removeRows deletes the rows of each table.column that holds one of the ids, in the order given.
func (s *Store) removeRows(ctx context.Context, db connection, ids []oldRow, columns ...string) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := jsonRows(ids)
	if err != nil {
		return err
	}
	for _, column := range columns {
		table, name, _ := strings.Cut(column, ".")
		_, err := db.ExecContext(ctx, s.sql(`DELETE FROM `+table+` WHERE (workspace_id, `+name+`) IN (
			SELECT value->>'w', value->>'e' FROM {rows $1})`), rows)
		if err != nil {
			return noun(err)
		}
	}
	return nil
}
