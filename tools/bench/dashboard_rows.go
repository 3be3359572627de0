package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// longID is the id that dashboardStatements gives to the n-th of a kind.
func longID(prefix string, n int64) string {
	return fmt.Sprintf("%s0100000%d", prefix, 1_000_000_000_000_000_000+n)
}

// hashes are bytes that differ for each n, in either dialect.
var hashes = map[string]string{sqlite: "CAST('bench ' || n AS blob)", postgres: "convert_to('bench ' || n, 'UTF8')"}

// dashboardStatements insert keys, most of them revoked, and a log of the last 29 days, of which every hundredth
// delivery has failed.
func dashboardStatements(kind string, now time.Time) []string {
	const events = dashboardDeliveries / dashboardHooks
	from := now.AddDate(0, 0, -29).UnixMicro()
	step := (now.UnixMicro() - from) / events
	id := func(prefix, number string) string {
		return "'" + prefix + "0100000' || CAST(1000000000000000000 + " + number + " AS text)"
	}
	series := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %d)", n)
	}
	past := series(events) + fmt.Sprintf(`,
		targets AS (SELECT workspace_id AS w, id, row_number() OVER (ORDER BY id) - 1 AS place FROM webhook_endpoints),
		past AS (SELECT n, n * %d + place AS nth, %d + n * CAST(%d AS bigint) AS at, w, id AS target FROM series CROSS JOIN targets)`,
		dashboardHooks, from, step)
	return append(countStatements(now, series), []string{
		series(dashboardKeys) + fmt.Sprintf(` INSERT INTO api_keys (workspace_id, id, token_hash, hint, name, note, scopes, minute_limit, day_limit,
				created_at, created_by, revoked_at, revoked_by)
			SELECT workspaces.id, %s, %s, 'tbc_abcd', 'Key ' || n, '', 'read:courses read:students', 60, 1000, %d + n, 'bench',
				CASE WHEN n > %d THEN CAST(%d AS bigint) + n END, CASE WHEN n > %d THEN 'bench' ELSE '' END FROM series CROSS JOIN workspaces`,
			id("key_", "n"), hashes[kind], from, dashboardLiveKeys, from, dashboardLiveKeys),
		past + ` INSERT INTO events (workspace_id, id, seq, type, body, created_at)
			SELECT w, ` + id("evt_", "n") + fmt.Sprintf(`, n - %d, 'enrollment.created', `, events+1) + sampleBody + ` , at FROM past WHERE nth % ` +
			fmt.Sprint(dashboardHooks) + ` = 0`,
		past + ` INSERT INTO webhook_deliveries (workspace_id, id, created_at, updated_at, endpoint_id, event_id, event_type, status,
				attempt_count, last_status_code)
			SELECT w, ` + id("evd_", "nth") + `, at, at + 5000, target, ` + id("evt_", "n") + `, 'enrollment.created',
				CASE WHEN nth % 100 = 0 THEN 'failed' ELSE 'succeeded' END, 1, CASE WHEN nth % 100 = 0 THEN 401 ELSE 204 END FROM past`,
		past + ` INSERT INTO webhook_attempts (workspace_id, delivery_id, number, caused_by, at, status_code, duration_ms, request_headers, response_body)
			SELECT w, ` + id("evd_", "nth") + `, 1, 'auto', at + 3000, CASE WHEN nth % 100 = 0 THEN 401 ELSE 204 END, 2, '` + sampleHeaders + `', '' FROM past`,
	}...)
}

// countStatements insert what the charts read: 29 days of hours for the workspace and for the first key, and of quarters
// of an hour for its deliveries, by two processes; and the last 500 calls of the first key.
func countStatements(now time.Time, series func(n int) string) []string {
	const hour, quarter = int64(time.Hour / time.Microsecond), int64(15 * time.Minute / time.Microsecond)
	first := now.UnixMicro()/hour*hour - 29*24*hour
	key := longID("key_", 1)
	return []string{
		series(29*24) + fmt.Sprintf(` INSERT INTO request_counts (workspace_id, key_id, hour, succeeded, unchanged, rejected, limited, failed)
			SELECT workspaces.id, whose.key_id, %d + n * CAST(%d AS bigint), 40, 20, 3, 2, 1
			FROM series CROSS JOIN workspaces CROSS JOIN (SELECT '' AS key_id UNION ALL SELECT '%s') AS whose`, first, hour, key),
		series(29*96) + fmt.Sprintf(` INSERT INTO delivery_counts (workspace_id, slot, outcome, writer, count)
			SELECT workspaces.id, %d + n * CAST(%d AS bigint), ended.outcome, 'all', 18 -- folded, as the server leaves them
			FROM series CROSS JOIN workspaces CROSS JOIN (SELECT 'succeeded' AS outcome UNION ALL SELECT 'retried' UNION ALL SELECT 'failed') AS ended`,
			first, quarter),
		series(500) + fmt.Sprintf(` INSERT INTO request_log (workspace_id, key_id, created_at, id, method, route, status, microseconds, address)
			SELECT workspaces.id, '%s', %d - n, '01HXZK5Q7R9S1T3V5W7X9Y' || (1000 + n), 'GET', '/api/v1/courses', 200, 900, '192.0.2.1'
			FROM series CROSS JOIN workspaces`, key, now.UnixMicro()),
	}
}

// text runs a query for one text.
func text(ctx context.Context, db database, query string) (found string, err error) {
	opened, err := connect(db)
	if err != nil {
		return "", err
	}
	err = opened.QueryRowContext(ctx, query).Scan(&found)
	return found, errors.Join(err, opened.Close())
}
