package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// historyDeliveries are finished deliveries in the log, with their attempts and events; every event went to all five
// endpoints of its workspace.
const historyDeliveries = 1_000_000

// history measures what a full log costs a drain. The log ends a day ago and is younger than thirty, so that nothing of
// it is to be removed. Empty and full take turns, and a ratio is taken of neighbours, since the machine's speed drifts.
func (b *bench) history(ctx context.Context, kind string) (err error) {
	f, err := b.fleet(ctx, kind, "history", shape{queued: drainDeliveries / fleetEndpoints})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	full, err := b.copied(ctx, f.db, "full")
	if err != nil {
		return err
	}
	now := time.Now()
	if err := b.loadHistory(ctx, full, now.AddDate(0, 0, -29), now.AddDate(0, 0, -1)); err != nil {
		return err
	}
	for run := range runs {
		var rates [2]float64
		for i, from := range []database{f.db, full} {
			d, err := b.drainCopy(ctx, f, from, drainDeliveries)
			if err != nil {
				return err
			}
			rates[i] = d.rate
		}
		b.progress("history %s run %d: %.0f a second with an empty log, %.0f with %d deliveries in it",
			kind, run+1, rates[0], rates[1], historyDeliveries)
		b.results.add("history", "drain", kind, rates[1]/rates[0])
	}
	return errors.Join(b.drop(ctx, full), b.drop(ctx, f.db))
}

// loadHistory writes the log of the fleet's endpoints, in the order of time, from one time evenly to the next; the API
// would take an hour for it. Ids sort by age, as in life. Numbers of events are negative, so that they come before all
// that exist. Nothing may have the database open.
func (b *bench) loadHistory(ctx context.Context, db database, from, to time.Time) error {
	began := time.Now()
	indexes, err := secondaryIndexes(ctx, db, "events", "event_subjects", "webhook_deliveries", "webhook_attempts")
	if err != nil {
		return err
	}
	statements := loadSettings[db.kind]
	for _, index := range indexes {
		statements = append(statements, "DROP INDEX "+index.name)
	}
	statements = append(statements, historyStatements(from, to)...)
	for _, index := range indexes { // made at once, an index takes a fraction of the time
		statements = append(statements, index.definition)
	}
	if err := execute(ctx, db, statements...); err != nil {
		return fmt.Errorf("load the log: %w", err)
	}
	n, err := b.count(ctx, db, "webhook_attempts a JOIN webhook_deliveries d ON d.workspace_id = a.workspace_id AND d.id = a.delivery_id")
	if err != nil {
		return err
	}
	if n < historyDeliveries {
		return fmt.Errorf("the log has %d finished deliveries, want %d", n, historyDeliveries)
	}
	err = b.settled(ctx, db)
	b.progress("%s: wrote %d finished deliveries in %v", db.kind, n, time.Since(began).Round(time.Millisecond))
	return err
}

// historyStatements insert the rows. Both databases know this SQL. SQLite reads the series in its order anyway.
func historyStatements(from, to time.Time) []string {
	const events = historyDeliveries / perWorkspace
	step := to.Sub(from).Microseconds() / events
	series := fmt.Sprintf(`WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %d),
		tenants AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM workspaces),
		targets AS (SELECT workspace_id, id, row_number() OVER (PARTITION BY workspace_id ORDER BY id) - 1 AS place FROM webhook_endpoints),
		past AS (SELECT tenants.id AS w, n, %d + n * CAST(%d AS bigint) AS at FROM series JOIN tenants ON tenants.place = n %% %d)`,
		events, from.UnixMicro(), step, fleetWorkspaces)
	id := func(prefix, number string) string { // a prefix and 26 characters
		return "'" + prefix + "0100000' || CAST(1000000000000000000 + " + number + " AS text)"
	}
	event, delivery := id("evt_", "n"), id("evd_", "n * 5 + targets.place")
	return []string{
		series + ` INSERT INTO events (workspace_id, id, seq, type, body, created_at)
			SELECT w, ` + event + fmt.Sprintf(`, n - %d, 'enrollment.created', `, events+1) + sampleBody + `, at FROM past`,
		series + ` INSERT INTO event_subjects (workspace_id, student_id, event_id)
			SELECT w, ` + id("stu_", "n") + `, ` + event + ` FROM past`,
		series + ` INSERT INTO webhook_deliveries (workspace_id, id, created_at, updated_at, endpoint_id, event_id, event_type,
				status, attempt_count, last_status_code)
			SELECT w, ` + delivery + `, at + targets.place, at + 5000, targets.id, ` + event + `, 'enrollment.created', 'succeeded', 1, 204
			FROM past JOIN targets ON targets.workspace_id = w`,
		series + ` INSERT INTO webhook_attempts (workspace_id, delivery_id, number, caused_by, at, status_code, duration_ms,
				request_headers, response_body)
			SELECT w, ` + delivery + `, 1, 'auto', at + 3000, 204, 2, '` + sampleHeaders + `', ''
			FROM past JOIN targets ON targets.workspace_id = w`,
	}
}

// loadSettings are those of the connection that loads, and of it alone. The rows refer to each other by their making,
// so that looking each one up again would only take time.
var loadSettings = map[string][]string{
	sqlite:   {"PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000"},
	postgres: {"SET session_replication_role = replica", "SET synchronous_commit = off", "SET work_mem = '256MB'"},
}

// sampleBody is as long as the events of life are, and sampleHeaders are what is kept of an attempt's.
var (
	sampleBody    = "'{\"id\":\"evt_00000000000000000000000000\",\"type\":\"enrollment.created\",\"data\":{\"note\":\"" + strings.Repeat("x", 620) + "\"}}'"
	sampleHeaders = `{"Content-Type":"application/json","User-Agent":"TheBigClass-Webhooks/1 (+http://127.0.0.1:8080)",` +
		`"X-TBC-Attempt":"1","X-TBC-Delivery":"evd_00000000000000000000000000","X-TBC-Event":"enrollment.created",` +
		`"X-TBC-Signature":"t=1700000000,v1=…"}`
)
