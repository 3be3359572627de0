package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const prefixRecovery = "whr_"

// The states of a recovery. The last two are final.
const (
	RecoveryQueued    = "queued"
	RecoveryRunning   = "running"
	RecoveryCompleted = "completed"
	RecoveryFailed    = "failed" // its endpoint was disabled or deleted
)

// Recovery is a job that sends an endpoint what it has missed. Its range are the events of the feed from Since, but
// not from before the endpoint was made, to the moment in which the recovery was made. Later events have deliveries
// of their own.
type Recovery struct {
	ID         string
	EndpointID string
	Since      time.Time // as asked for
	State      string
	Total      int64 // events of the range
	Queued     int64 // events queued so far
	Skipped    int64 // events looked at so far that were not queued
	FinishedAt *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time

	types   []string // narrows what the endpoint subscribes to; nil does not
	reached int64    // number of the last event that was looked at
	endsAt  int64    // number of the last event of the range
}

// NewRecovery says what to recover.
type NewRecovery struct {
	Since  time.Time
	Events []string // types; nil is all that the endpoint subscribes to
}

// Recover starts a recovery of an endpoint. It only notes what is to be done: StepRecovery does it. Invalid if the
// endpoint is disabled or has a recovery that is not finished, or if Since is in the future or too long ago.
func (tx *Tx) Recover(ctx context.Context, endpointID string, in NewRecovery) (Recovery, error) {
	endpoint, err := readEndpoint(ctx, tx.scope, endpointID, "")
	if err != nil {
		return Recovery{}, err
	}
	if err := tx.checkRecovery(ctx, endpoint, in); err != nil {
		return Recovery{}, err
	}
	after, last, err := tx.recoveryRange(ctx, later(in.Since, endpoint.CreatedAt))
	if err != nil {
		return Recovery{}, fmt.Errorf("recover %s: %w", endpointID, err)
	}
	id, err := tx.newID(prefixRecovery)
	if err != nil {
		return Recovery{}, err
	}
	var types any
	if in.Events != nil {
		text, err := json.Marshal(in.Events)
		if err != nil {
			return Recovery{}, err
		}
		types = string(text)
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO webhook_recoveries (workspace_id, id, created_at, updated_at, endpoint_id, since,
			events, state, begins_after, reached, ends_at, queued) VALUES ($1, $2, $3, $3, $4, $5, $6, 'queued', $7, $7, $8, 0)`,
		id, micros(tx.now), endpointID, micros(in.Since), types, after, last)
	if err != nil {
		return Recovery{}, fmt.Errorf("recover %s: %w", endpointID, err)
	}
	return readRecovery(ctx, tx.scope, id)
}

func (tx *Tx) checkRecovery(ctx context.Context, endpoint Endpoint, in NewRecovery) error {
	switch {
	case endpoint.Status != EndpointActive:
		return &Invalid{Field: "", Issue: "the endpoint is disabled: enable it first"}
	case in.Since.After(tx.now):
		return &Invalid{Field: "/since", Issue: "must not be in the future"}
	case in.Since.Before(tx.now.Add(-EventAge)):
		return &Invalid{Field: "/since", Issue: "must be at most 30 days ago: older events are not kept"}
	}
	unfinished, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT id FROM webhook_recoveries WHERE workspace_id = $1 AND endpoint_id = $2 AND finished_at IS NULL`,
		args: []any{endpoint.ID},
	}, scanText)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		err = &Invalid{Field: "", Issue: "the recovery " + unfinished + " of the endpoint is not finished: wait until it is"}
	}
	return err
}

// recoveryRange finds the events from a time on: those with numbers over after, up to last. Nothing in it can be
// missing at first, since numbers have no gaps and what is younger than EventAge is kept. By events_since.
func (tx *Tx) recoveryRange(ctx context.Context, from time.Time) (after, last int64, err error) {
	ends, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT coalesce((SELECT e.seq - 1 FROM events e WHERE e.workspace_id = $1 AND e.created_at >= $2
				AND e.seq IS NOT NULL ORDER BY e.created_at, e.seq LIMIT 1), w.last_event), w.last_event
			FROM workspaces w WHERE w.id = $1`,
		args: []any{micros(from)},
	}, func(row *sql.Rows, ends *[2]int64) error { return row.Scan(&ends[0], &ends[1]) })
	return ends[0], ends[1], err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

const recoveryColumns = `id, endpoint_id, since, state, ends_at - begins_after, queued,
	reached - begins_after - queued, finished_at, created_at, updated_at, events, reached, ends_at`

func scanRecovery(row *sql.Rows, r *Recovery) error {
	var types *string
	err := row.Scan(&r.ID, &r.EndpointID, at(&r.Since), &r.State, &r.Total, &r.Queued, &r.Skipped, atOrNil(&r.FinishedAt),
		at(&r.CreatedAt), at(&r.UpdatedAt), textOrNil(&types), &r.reached, &r.endsAt)
	if err != nil || types == nil {
		return err
	}
	return json.Unmarshal([]byte(*types), &r.types)
}

// Recovery reads one recovery, also of an endpoint that was deleted.
func (w *Workspace) Recovery(ctx context.Context, id string) (Recovery, error) {
	return readRecovery(ctx, w.scope, id)
}

// shownRecoveries is how many recoveries of an endpoint are listed.
const shownRecoveries = 5

// Recoveries reads the newest recoveries of an endpoint, newest first.
func (w *Workspace) Recoveries(ctx context.Context, endpointID string) ([]Recovery, error) {
	list, err := scanAll(ctx, w.scope, sqlQuery{
		text: `SELECT ` + recoveryColumns + ` FROM webhook_recoveries WHERE workspace_id = $1 AND endpoint_id = $2
			ORDER BY created_at DESC, id DESC LIMIT $3`,
		args: []any{endpointID, shownRecoveries},
	}, scanRecovery)
	return list, wrap("list the recoveries of "+endpointID, err)
}

func readRecovery(ctx context.Context, s scope, id string) (Recovery, error) {
	recovery, err := scanOne(ctx, s, sqlQuery{
		text: `SELECT ` + recoveryColumns + ` FROM webhook_recoveries WHERE workspace_id = $1 AND id = $2`,
		args: []any{id}, capacity: 1,
	}, scanRecovery)
	if err != nil {
		return Recovery{}, fmt.Errorf("recovery %s: %w", id, err)
	}
	return recovery, nil
}

// failRecovery ends the unfinished recovery of an endpoint, if there is one. What it queued is canceled with the rest.
func (tx *Tx) failRecovery(ctx context.Context, endpointID string) error {
	_, err := tx.scope.exec(ctx, `UPDATE webhook_recoveries SET state = 'failed', finished_at = $3, updated_at = $3
		WHERE workspace_id = $1 AND endpoint_id = $2 AND finished_at IS NULL`, endpointID, micros(tx.now))
	return wrap("end the recovery of "+endpointID, err)
}

// RemoveOldRecoveries deletes at most batch recoveries that finished over EventAge ago, and returns how many it was.
func (s *Store) RemoveOldRecoveries(ctx context.Context, batch int) (removed int64, err error) {
	err = s.inTx(ctx, func(db connection) error {
		done, err := db.ExecContext(ctx, s.sql(`DELETE FROM webhook_recoveries WHERE (workspace_id, id) IN (
			SELECT workspace_id, id FROM webhook_recoveries WHERE finished_at <= {now} - $1 ORDER BY finished_at LIMIT $2)`),
			EventAge.Microseconds(), batch)
		if err != nil {
			return noun(err)
		}
		removed, err = done.RowsAffected()
		return err
	})
	return removed, wrap("remove old recoveries", err)
}
