package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// FailureGap is how far apart two failed attempts may be for an endpoint to count as failing all the time between.
const FailureGap = 48 * time.Hour

// health is what an endpoint's attempts say about it.
type health struct {
	laneKey
	now         time.Time
	status      string
	failures    int // in a row
	failing     *time.Time
	lastSuccess *time.Time
	lastFailure *time.Time
}

// lockHealth locks the endpoints of a JSON array of lane keys, in one order for everybody, and reads them.
func (s *Store) lockHealth(ctx context.Context, db connection, rows string) (map[laneKey]*health, error) {
	list, err := readAll(ctx, db, sqlQuery{
		text: s.sql(`SELECT p.workspace_id, p.id, {now}, p.status, p.consecutive_failures, p.failing_since,
				p.last_success_at, p.last_failure_at FROM webhook_endpoints p
			WHERE (p.workspace_id, p.id) IN (SELECT value->>'w', value->>'e' FROM {rows $1})
			ORDER BY p.workspace_id, p.id {lock}`), args: []any{rows},
	}, func(row *sql.Rows, h *health) error {
		return row.Scan(&h.WorkspaceID, &h.EndpointID, at(&h.now), &h.status, whole(&h.failures),
			atOrNil(&h.failing), atOrNil(&h.lastSuccess), atOrNil(&h.lastFailure))
	})
	if err != nil {
		return nil, fmt.Errorf("lock endpoints: %w", err)
	}
	found := make(map[laneKey]*health, len(list))
	for i := range list {
		found[list[i].laneKey] = &list[i]
	}
	return found, nil
}

// exhausted reports whether a failed attempt now disables the endpoint: it has been failing for at least that long,
// and the failed attempt before is not too old to tell.
func (h *health) exhausted(disableAfter time.Duration) bool {
	return disableAfter > 0 && h.status == EndpointActive && h.failing != nil && h.lastFailure != nil &&
		!h.failing.After(h.now.Add(-disableAfter)) && !h.lastFailure.Before(h.now.Add(-FailureGap))
}

// succeed notes an attempt that was answered 2xx.
func (h *health) succeed() {
	h.failures, h.failing, h.lastSuccess = 0, nil, &h.now
}

// fail notes any other attempt. After a gap the failing starts anew: nobody knows how the endpoint was in between.
func (h *health) fail() {
	h.failures++
	if h.failing == nil || h.lastFailure == nil || h.lastFailure.Before(h.now.Add(-FailureGap)) {
		h.failing = &h.now
	}
	h.lastFailure = &h.now
}

// healthRow is health as a statement takes it.
type healthRow struct {
	laneKey
	Failures    int    `json:"n"`
	Failing     *int64 `json:"f"`
	LastSuccess *int64 `json:"s"`
	LastFailure *int64 `json:"l"`
}

// keepHealth writes what changed. updated_at stays: it is for what a person decides, and would make an endpoint
// change with every attempt.
func (s *Store) keepHealth(ctx context.Context, db connection, list []healthRow) error {
	if len(list) == 0 {
		return nil
	}
	rows, err := jsonRows(list)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, s.sql(`UPDATE webhook_endpoints SET
			consecutive_failures = CAST(value->>'n' AS bigint), failing_since = CAST(value->>'f' AS bigint),
			last_success_at = CAST(value->>'s' AS bigint), last_failure_at = CAST(value->>'l' AS bigint)
		FROM {rows $1}
		WHERE webhook_endpoints.workspace_id = value->>'w' AND webhook_endpoints.id = value->>'e'`), rows)
	return noun(err)
}

func microsOrNull(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	us := micros(*t)
	return &us
}
