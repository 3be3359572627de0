package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// RemoveOldEvents deletes at most batch deliveries, with their attempts, and at most batch events that are older
// than EventAge, and returns how many rows of both it was. Call it again while it returns something; a small batch
// holds locks for a short time. A delivery that is still pending stays, and with it its event.
func (s *Store) RemoveOldEvents(ctx context.Context, batch int) (removed int64, err error) {
	now, err := s.Clock(ctx)
	if err != nil {
		return 0, err
	}
	before := micros(now.Add(-EventAge))
	err = s.inTx(ctx, func(db connection) error {
		deliveries, err := oldRows(ctx, db, sqlQuery{
			text: s.sql(`SELECT workspace_id, id FROM webhook_deliveries WHERE created_at <= $1 AND status <> 'pending'
				ORDER BY created_at LIMIT $2 {lock}`), args: []any{before, batch},
		})
		if err != nil {
			return err
		}
		if err := s.removeRows(ctx, db, deliveries, "webhook_attempts.delivery_id", "webhook_deliveries.id"); err != nil {
			return err
		}
		events, err := oldRows(ctx, db, sqlQuery{
			text: `SELECT e.workspace_id, e.id FROM events e WHERE e.created_at <= $1 AND NOT EXISTS (
					SELECT 1 FROM webhook_deliveries d WHERE d.workspace_id = e.workspace_id AND d.event_id = e.id)
				ORDER BY e.created_at LIMIT $2`, args: []any{before, batch},
		})
		removed = int64(len(deliveries) + len(events))
		if err != nil {
			return err
		}
		return s.removeRows(ctx, db, events, "event_subjects.event_id", "events.id")
	})
	if err != nil {
		return 0, fmt.Errorf("remove old events: %w", err)
	}
	return removed, nil
}

func oldRows(ctx context.Context, db connection, q sqlQuery) ([]laneKey, error) {
	return readAll(ctx, db, q, func(row *sql.Rows, key *laneKey) error { return row.Scan(&key.WorkspaceID, &key.EndpointID) })
}

// removeRows deletes the rows of each table.column that holds one of the ids, in the order given.
func (s *Store) removeRows(ctx context.Context, db connection, ids []laneKey, columns ...string) error {
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
