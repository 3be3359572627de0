package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sinceCommit is how long after its commit each event arrived. PostgreSQL tells when that was (track_commit_timestamp,
// noted as the commit begins to be written). SQLite does not, so there its created_at counts, which is earlier still:
// the time at which its transaction began.
func sinceCommit(ctx context.Context, db database, came []arrival) (took []time.Duration, err error) {
	committed := make(map[string]time.Time, len(came))
	if db.kind == postgres {
		if committed, err = commits(ctx, db, came); err != nil {
			return nil, err
		}
	}
	took = make([]time.Duration, 0, len(came))
	for _, one := range came {
		from := one.created
		if db.kind == postgres {
			from = committed[one.id]
		}
		if from.IsZero() {
			return nil, fmt.Errorf("event %s arrived, and PostgreSQL knows no commit of it", one.id)
		}
		took = append(took, one.at.Sub(from))
	}
	return took, nil
}

// commits reads when events were committed.
func commits(ctx context.Context, db database, came []arrival) (times map[string]time.Time, err error) {
	ids := make([]string, 0, len(came))
	for _, one := range came {
		ids = append(ids, one.id)
	}
	opened, err := connect(db)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	found, err := opened.QueryContext(ctx, `SELECT id, pg_xact_commit_timestamp(xmin) FROM events WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	times = make(map[string]time.Time, len(came))
	for found.Next() {
		var id string
		var at time.Time
		if err := found.Scan(&id, &at); err != nil {
			return nil, err
		}
		times[id] = at
	}
	return times, found.Err()
}
