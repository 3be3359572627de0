package store

import (
	"context"
	"database/sql"
	"time"
)

// RequestCountAge is for how long the counts of requests are kept: a chart of 30 days needs all of its first day.
const RequestCountAge = 31 * 24 * time.Hour

// Outcomes counts requests by what came of them.
type Outcomes struct {
	Succeeded int64 // 2xx
	Unchanged int64 // 3xx: the caller had the newest state already
	Rejected  int64 // 4xx, except for want of quota
	Limited   int64 // 429
	Failed    int64 // 5xx
}

// Count adds one request.
func (o *Outcomes) Count(status int) {
	switch {
	case status == 429:
		o.Limited++
	case status >= 500:
		o.Failed++
	case status >= 400:
		o.Rejected++
	case status >= 300:
		o.Unchanged++
	default:
		o.Succeeded++
	}
}

// Add adds others.
func (o *Outcomes) Add(others Outcomes) {
	o.Succeeded += others.Succeeded
	o.Unchanged += others.Unchanged
	o.Rejected += others.Rejected
	o.Limited += others.Limited
	o.Failed += others.Failed
}

// Total is the number of all of them.
func (o Outcomes) Total() int64 {
	return o.Succeeded + o.Unchanged + o.Rejected + o.Limited + o.Failed
}

// HourCount is how many requests there were in one hour of the workspace's time zone.
type HourCount struct {
	Hour time.Time // its beginning
	Outcomes
}

// RequestCounts are the hours from from on and before to in which there were requests, of one key or, with "", of the
// whole workspace; oldest first. A month has at most 745 rows. By the primary key.
func (w *Workspace) RequestCounts(ctx context.Context, keyID string, from, to time.Time) ([]HourCount, error) {
	found, err := scanAll(ctx, w.scope, sqlQuery{
		text: `SELECT hour, succeeded, unchanged, rejected, limited, failed FROM request_counts
			WHERE workspace_id = $1 AND key_id = $2 AND hour >= $3 AND hour < $4 ORDER BY hour`,
		args: []any{keyID, micros(from), micros(to)}, capacity: 24,
	}, func(row *sql.Rows, h *HourCount) error {
		return row.Scan(at(&h.Hour), &h.Succeeded, &h.Unchanged, &h.Rejected, &h.Limited, &h.Failed)
	})
	return found, wrap("count requests", err)
}

// HourIn is the beginning of the hour of the zone in which t lies.
func HourIn(zone *time.Location, t time.Time) time.Time {
	_, offset := t.In(zone).Zone()
	ahead := time.Duration(offset) * time.Second
	return t.UTC().Add(ahead).Truncate(time.Hour).Add(-ahead)
}

// RemoveOldRequestCounts deletes at most batch hours that are older than RequestCountAge and returns how many.
func (s *Store) RemoveOldRequestCounts(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "request counts", `DELETE FROM request_counts WHERE (workspace_id, key_id, hour) IN (
		SELECT workspace_id, key_id, hour FROM request_counts WHERE hour <= {now} - $1 ORDER BY hour LIMIT $2)`,
		RequestCountAge.Microseconds(), batch)
}
