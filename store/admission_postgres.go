package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// admitPostgres is the whole admission in one statement and its own transaction: the live key by its hash, both
// windows moved forward (never back) and counted if both have room, the workspace's version. It returns no row if
// the key is not live; the counts are null if there was no room, or no counter row yet.
//
// synchronous_commit is off for this statement alone: a crash of the database may forget under a second of counts.
// The setting is local to the transaction, so it holds behind PgBouncer and never reaches a business row.
const admitPostgres = `WITH clock AS MATERIALIZED (
		SELECT tbc_now() AS now, set_config('synchronous_commit', 'off', true)
	), live AS MATERIALIZED (
		SELECT ` + admissionColumns + `, w.changed_at AS version, c.now,
			c.now / 60000000 AS this_minute, c.now / 86400000000 AS this_day
		FROM clock c, api_keys k JOIN workspaces w ON w.id = k.workspace_id
		WHERE k.token_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > c.now)
	), counted AS (
		UPDATE api_key_usage u SET
			minute       = greatest(u.minute, k.this_minute),
			minute_count = CASE WHEN k.this_minute > u.minute THEN 1 ELSE u.minute_count + 1 END,
			day          = greatest(u.day, k.this_day),
			day_count    = CASE WHEN k.this_day > u.day THEN 1 ELSE u.day_count + 1 END,
			last_used_at = greatest(u.last_used_at, k.now)
		FROM live k
		WHERE u.key_id = k.id
			AND (CASE WHEN k.this_minute > u.minute THEN 0 ELSE u.minute_count END) < k.minute_limit
			AND (CASE WHEN k.this_day > u.day THEN 0 ELSE u.day_count END) < k.day_limit
		RETURNING u.minute, u.minute_count, u.day, u.day_count
	)
	SELECT ` + admissionColumns + `, k.version, c.minute, c.minute_count, c.day, c.day_count, k.now
	FROM live k LEFT JOIN counted c ON true`

// usagePostgres reads the counters in a snapshot of its own. The statement above may have waited for a concurrent
// call and still have seen the counters of before.
const usagePostgres = `SELECT minute, minute_count, day, day_count, tbc_now() FROM api_key_usage WHERE key_id = $1`

// openUsagePostgres makes the counter row of a key that is used for the first time.
const openUsagePostgres = `INSERT INTO api_key_usage (key_id, minute, minute_count, day, day_count, last_used_at)
	VALUES ($1, 0, 0, 0, 0, 0) ON CONFLICT (key_id) DO NOTHING`

// admit tries, and on a refusal reads the true counters. If there is room by then (a window began, or this was the
// key's first call) it tries again: a refusal must name a window that is empty.
func (e *postgresEngine) admit(ctx context.Context, hash [32]byte) (Admission, error) {
	const attempts = 3 // a window would have to begin between all of them
	for range attempts {
		answer, err := e.tryAdmit(ctx, hash)
		if err != nil || answer.Admitted {
			return answer, err
		}
		counters, now, err := e.readUsage(ctx, answer.Key.ID)
		if err != nil {
			return Admission{}, fmt.Errorf("admit: %w", err)
		}
		counters = counters.at(now)
		if _, room := counters.count(answer.Key); !room {
			refusal := counters.admission(answer.Key, now, false)
			refusal.Version = answer.Version
			return refusal, nil
		}
	}
	return Admission{}, errUndecided
}

var errUndecided = errors.New("admit: the counters have room, yet the call was not counted")

// tryAdmit runs the statement once. Without room the answer holds the key and the version only.
func (e *postgresEngine) tryAdmit(ctx context.Context, hash [32]byte) (Admission, error) {
	var row admissionRow
	var now int64
	err := e.small.QueryRow(ctx, admitPostgres, hash[:]).Scan(append(row.targets(), &now)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Admission{}, ErrUnauthorized
	}
	if err != nil {
		return Admission{}, fmt.Errorf("admit: %w", err)
	}
	counters, counted := row.read()
	answer := counters.admission(row.key, now, counted)
	answer.Version = row.version
	return answer, nil
}

// readUsage reads the counters and the clock. A key without a counter row gets one.
func (e *postgresEngine) readUsage(ctx context.Context, keyID string) (u usage, now int64, err error) {
	err = e.small.QueryRow(ctx, usagePostgres, keyID).Scan(&u.minute, &u.minuteCount, &u.day, &u.dayCount, &now)
	if !errors.Is(err, pgx.ErrNoRows) {
		return u, now, err
	}
	if _, err := e.small.Exec(ctx, openUsagePostgres, keyID); err != nil {
		return usage{}, 0, err
	}
	err = e.small.QueryRow(ctx, clockPostgres).Scan(&now)
	return usage{}, now, err
}
