package store

import (
	"context"
	"database/sql"
	"time"
)

// FigureMost is where counting ends: a figure of that many means that many or more. Nobody acts otherwise on a
// million waiting deliveries than on a hundred thousand, and counting them would be work of its own.
const FigureMost = 100_000

// Figures are what an operator watches, over all workspaces. They are the same on every process of a database.
type Figures struct {
	// Oldest is for how long the oldest due delivery has been due; 0 if none is. One that is held back by the cap of
	// its endpoint counts, and one whose lease has run out, from then on. A retry that is planned for later does not.
	Oldest time.Duration
	// Stalled is Oldest among the deliveries that nobody seems to care for: their endpoints have nothing under way
	// and have had no attempt for StalledAfter. It is 0 while endpoints are merely slow.
	Stalled time.Duration

	Due       int64 // deliveries that wait for nothing but us, or for the cap of their endpoint
	Leased    int64 // deliveries whose attempt is under way
	Scheduled int64 // deliveries whose next attempt is planned for later

	Failing         int64 // active endpoints whose last attempt failed
	DisabledFailing int64 // endpoints that were disabled because they failed for too long
	DisabledManual  int64 // endpoints that somebody has disabled

	Recoveries int64 // that have not ended
	Recovered  int64 // deliveries of recoveries that are not final, due or not

	Emails      int64         // e-mails that are still to be sent
	OldestEmail time.Duration // for how long the oldest due e-mail has been due
}

// StalledAfter is how long a due delivery must wait, and its endpoint have no attempt, to count as stalled. It is
// longer than an attempt may take, so that an endpoint that hangs is never taken for one that is forgotten.
const StalledAfter = time.Minute

// The indexes that serve it, in the order of the lines: webhook_queue_due for three, webhook_queue_leased,
// webhook_endpoints_failing, webhook_endpoints_disabled, webhook_recoveries_unfinished, webhook_deliveries_recovered,
// emails_due. Those of leases, endpoints and recoveries hold few rows.
const readFigures = `SELECT {now},
	(SELECT next_at FROM webhook_queue ORDER BY next_at LIMIT 1),
	(SELECT count(*) FROM (SELECT 1 FROM webhook_queue WHERE next_at <= {now} LIMIT $1) AS due),
	(SELECT count(*) FROM (SELECT 1 FROM webhook_queue WHERE next_at > {now} LIMIT $1) AS later),
	(SELECT count(*) FROM webhook_queue WHERE lease_until IS NOT NULL AND lease_until > {now}),
	(SELECT count(*) FROM webhook_endpoints WHERE failing_since IS NOT NULL AND deleted_at IS NULL AND status = 'active'),
	(SELECT count(*) FROM webhook_endpoints WHERE disabled_reason = 'failing' AND deleted_at IS NULL),
	(SELECT count(*) FROM webhook_endpoints WHERE disabled_reason = 'manual' AND deleted_at IS NULL),
	(SELECT count(*) FROM webhook_recoveries WHERE finished_at IS NULL),
	(SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries WHERE recovering IS NOT NULL LIMIT $1) AS missed),
	(SELECT count(*) FROM (SELECT 1 FROM emails WHERE next_at IS NOT NULL LIMIT $1) AS waiting),
	(SELECT next_at FROM emails WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1)`

// Figures reads them. It changes nothing and waits for no lock.
func (s *Store) Figures(ctx context.Context) (f Figures, err error) {
	err = s.look(ctx, func(db querier) error {
		var now time.Time
		var due, mail *time.Time
		if _, err := readAll(ctx, db, sqlQuery{text: s.sql(readFigures), args: []any{FigureMost}},
			func(row *sql.Rows, _ *struct{}) error {
				return row.Scan(at(&now), atOrNil(&due), &f.Due, &f.Scheduled, &f.Leased, &f.Failing, &f.DisabledFailing,
					&f.DisabledManual, &f.Recoveries, &f.Recovered, &f.Emails, atOrNil(&mail))
			}); err != nil {
			return err
		}
		f.Scheduled = max(0, f.Scheduled-f.Leased) // a leased row is due again at the end of its lease
		f.Oldest, f.OldestEmail = age(now, due), age(now, mail)
		if f.Oldest > StalledAfter {
			f.Stalled, err = s.stalled(ctx, db)
		}
		return err
	})
	return f, err
}

// Stalled reads that figure alone.
func (s *Store) Stalled(ctx context.Context) (age time.Duration, err error) {
	err = s.look(ctx, func(db querier) error {
		age, err = s.stalled(ctx, db)
		return err
	})
	return age, err
}

// stalledOfLanes is what lanes are asked for, $3 being StalledAfter.
const stalledOfLanes = `
	SELECT {now}, (SELECT q.next_at FROM webhook_queue q
		WHERE q.workspace_id = l.workspace_id AND q.endpoint_id = l.endpoint_id ORDER BY q.next_at LIMIT 1) AS oldest
	FROM lanes l JOIN webhook_endpoints p ON p.workspace_id = l.workspace_id AND p.id = l.endpoint_id
	WHERE coalesce(p.last_success_at, 0) <= {now} - $3 AND coalesce(p.last_failure_at, 0) <= {now} - $3
		AND NOT EXISTS (SELECT 1 FROM webhook_queue w WHERE w.workspace_id = l.workspace_id
			AND w.endpoint_id = l.endpoint_id AND w.lease_until IS NOT NULL AND w.lease_until > {now})
	ORDER BY oldest LIMIT 1`

func (s *Store) stalled(ctx context.Context, db querier) (time.Duration, error) {
	text := eachLaneSQLite
	if s.dialect == PostgreSQL {
		text = eachLanePostgres
	}
	found, err := readAll(ctx, db, sqlQuery{
		text: s.sql(text + stalledOfLanes), args: []any{"", "", StalledAfter.Microseconds()},
	}, func(row *sql.Rows, found *[2]time.Time) error { return row.Scan(at(&found[0]), at(&found[1])) })
	if err != nil || len(found) == 0 {
		return 0, err
	}
	if waited := age(found[0][0], &found[0][1]); waited > StalledAfter {
		return waited, nil
	}
	return 0, nil
}

func age(now time.Time, since *time.Time) time.Duration {
	if since == nil {
		return 0
	}
	return max(0, now.Sub(*since))
}

// look reads over all workspaces, on PostgreSQL by index whatever the statistics say of the queue, and without
// waiting for SQLite's writer.
func (s *Store) look(ctx context.Context, do func(db querier) error) error {
	if s.dialect == SQLite {
		return do(s.reader.Statement.ConnPool)
	}
	begun, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = begun.Rollback() }() // nothing was changed
	if _, err := begun.ExecContext(ctx, byIndex); err != nil {
		return err
	}
	return do(begun)
}
