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

const (
	healthColumns = `p.workspace_id, p.id, {now}, p.status, p.consecutive_failures, p.failing_since, p.last_success_at,
		p.last_failure_at`
	lockHealthPostgres = `SELECT ` + healthColumns + ` FROM webhook_endpoints p
		JOIN unnest($1::text[], $2::text[]) AS r (w, e) ON p.workspace_id = r.w AND p.id = r.e
		ORDER BY p.workspace_id, p.id FOR NO KEY UPDATE OF p`
	healthSQLite = `SELECT ` + healthColumns + ` FROM webhook_endpoints p WHERE p.workspace_id = $1 AND p.id = $2`
)

// lockHealth locks endpoints, in one order for everybody, and reads them. SQLite has one writer and needs no lock.
func (s *Store) lockHealth(ctx context.Context, db connection, keys []laneKey) (found map[laneKey]*health, err error) {
	var list []health
	if s.dialect == SQLite {
		list, err = readRows(ctx, db, s.sql(healthSQLite), argumentsOf(keys, func(k laneKey) []any {
			return []any{k.WorkspaceID, k.EndpointID}
		}), scanHealth)
	} else {
		workspaces, endpoints := make([]string, len(keys)), make([]string, len(keys))
		for i, k := range keys {
			workspaces[i], endpoints[i] = k.WorkspaceID, k.EndpointID
		}
		list, err = readAll(ctx, db, sqlQuery{text: s.sql(lockHealthPostgres), args: []any{workspaces, endpoints}}, scanHealth)
	}
	if err != nil {
		return nil, fmt.Errorf("lock endpoints: %w", err)
	}
	found = make(map[laneKey]*health, len(list))
	for i := range list {
		found[list[i].laneKey] = &list[i]
	}
	return found, nil
}

func scanHealth(row *sql.Rows, h *health) error {
	return row.Scan(&h.WorkspaceID, &h.EndpointID, at(&h.now), &h.status, whole(&h.failures),
		atOrNil(&h.failing), atOrNil(&h.lastSuccess), atOrNil(&h.lastFailure))
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

const (
	keepHealthPostgres = `UPDATE webhook_endpoints p SET consecutive_failures = r.failures, failing_since = r.failing,
			last_success_at = r.success, last_failure_at = r.failure
		FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
			AS r (w, e, failures, failing, success, failure)
		WHERE p.workspace_id = r.w AND p.id = r.e`
	keepHealthSQLite = `UPDATE webhook_endpoints SET consecutive_failures = $3, failing_since = $4, last_success_at = $5,
		last_failure_at = $6 WHERE workspace_id = $1 AND id = $2`
)

// keepHealth writes what changed. updated_at stays: it is for what a person decides, and would make an endpoint
// change with every attempt.
func (s *Store) keepHealth(ctx context.Context, db connection, list []*health) error {
	if len(list) == 0 {
		return nil
	}
	if s.dialect == SQLite {
		_, err := execRows(ctx, db, keepHealthSQLite, list, func(h *health) []any {
			return []any{h.WorkspaceID, h.EndpointID, h.failures, microsOrNil(h.failing), microsOrNil(h.lastSuccess), microsOrNil(h.lastFailure)}
		})
		return err
	}
	n := len(list)
	workspaces, endpoints, failures := make([]string, n), make([]string, n), make([]int64, n)
	failing, success, failure := make([]*int64, n), make([]*int64, n), make([]*int64, n)
	for i, h := range list {
		workspaces[i], endpoints[i], failures[i] = h.WorkspaceID, h.EndpointID, int64(h.failures)
		failing[i], success[i], failure[i] = microsOrNull(h.failing), microsOrNull(h.lastSuccess), microsOrNull(h.lastFailure)
	}
	_, err := db.ExecContext(ctx, keepHealthPostgres, workspaces, endpoints, failures, failing, success, failure)
	return noun(err)
}

func microsOrNull(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	us := micros(*t)
	return &us
}
