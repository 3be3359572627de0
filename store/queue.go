package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// Lease is how long a claimed delivery is its claimer's. It is longer than an attempt may take: after it, whoever
// claimed is taken for dead, and the delivery is claimed anew.
const Lease = 60 * time.Second

// Claim is a delivery to be attempted now, and the right to say how that went.
type Claim struct {
	DeliveryID  string
	WorkspaceID string
	EndpointID  string
	EventID     string
	EventType   string
	URL         string
	Body        []byte   // the exact bytes to sign and send
	Secrets     []string // that sign, in this order; none if one cannot be decrypted
	Attempt     int      // number of the attempt, over all schedules of the delivery
	Tries       int      // attempts that this schedule has had before
	Trigger     string
	LeaseUntil  time.Time
	Trace       string // the W3C traceparent of the event; "" if its call was not traced
	// Expired says that a former lease had run out: whoever claimed the delivery before died or stalled, and may have
	// sent it.
	Expired bool

	token   int64   // fences: a completion with another token than the row's is too late
	numbers []int64 // of Secrets
}

// laneKey names the queue of one endpoint.
type laneKey struct {
	WorkspaceID string `json:"w"`
	EndpointID  string `json:"e"`
}

// lane is an endpoint with due deliveries.
type lane struct {
	laneKey
	Cap   int64 // of attempts under way
	Most  int   // its share of the claim
	fresh int   // how many of its newest rows to look at for one that was never sent
	ours  bool  // nobody else claims from it now
}

// forsakeTimeout bounds the try to give back leases after a claim has failed.
const forsakeTimeout = 2 * time.Second

// Queued has a signal after commits in this process that made deliveries due. It may come too often, never too
// seldom; other processes' commits are found by polling.
func (s *Store) Queued() <-chan struct{} { return s.queued }

// wake leaves a signal for the engine unless there is one already.
func (s *Store) wake() {
	select {
	case s.queued <- struct{}{}:
	default:
	}
}

// dueNow is the time that a delivery is due at which may go at once. It is not tx.now, which runs ahead of the clock
// after the clock was set back.
func (tx *Tx) dueNow(ctx context.Context) (int64, error) {
	clock, err := scanOne(ctx, tx.scope, sqlQuery{
		text: tx.store.sql(`SELECT {now} FROM workspaces WHERE id = $1`),
	}, func(row *sql.Rows, clock *int64) error { return row.Scan(clock) })
	return min(clock, micros(tx.now)), err
}

// NextDue is when the next delivery may be claimed, and how long that is from now: not positive if it is due. It is
// false if nothing waits. One probe of an index, for whoever polls and for whoever watches the age of the queue.
func (s *Store) NextDue(ctx context.Context) (at time.Time, in time.Duration, ok bool, err error) {
	found, err := readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{
		text: s.sql(`SELECT next_at, next_at - {now} FROM webhook_queue ORDER BY next_at LIMIT 1`),
	}, func(row *sql.Rows, due *[2]int64) error { return row.Scan(&due[0], &due[1]) })
	if err != nil || len(found) == 0 {
		return time.Time{}, 0, false, err
	}
	return fromMicros(found[0][0]), time.Duration(found[0][1]) * time.Microsecond, true, nil
}

// ClaimDeliveries leases at most slots due deliveries and reads what they need to be sent. Endpoints take turns: each
// gets an equal share of the slots, and the next claim begins behind the last endpoint of this one. No endpoint has more
// than its cap under way, over all processes; one that keeps failing has one attempt at a time. While retries wait, every
// fourth slot of an endpoint is for the newest event that was never sent. Only one goroutine of a Store may claim. On an
// error nothing is leased.
func (s *Store) ClaimDeliveries(ctx context.Context, slots int) ([]Claim, error) {
	token, err := newFence()
	if err != nil || slots < 1 {
		return nil, err
	}
	var rows []claimRow
	err = s.inTxWith(ctx, forgettable, func(db connection) error {
		lanes, err := s.dueLanes(ctx, db, min(slots, maxLanes))
		if err != nil || len(lanes) == 0 {
			return err
		}
		share := max(1, slots/len(lanes))
		for i := range lanes {
			lanes[i].Most = share
		}
		rows, err = s.lease(ctx, db, lanes, token)
		return err
	})
	if len(rows) > 0 { // an empty claim gives nobody a turn
		s.turn++
	}
	claims := s.claims(ctx, rows, token)
	if err != nil {
		s.forsake(ctx, claims)
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	return claims, nil
}

// forsake gives back what was leased by a claim of whose commit no answer came. Mostly there is nothing, or nobody to
// tell; then the leases run out.
func (s *Store) forsake(ctx context.Context, claims []Claim) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forsakeTimeout)
	defer cancel()
	if err := s.ReleaseDeliveries(ctx, claims); err != nil {
		s.log.WarnContext(ctx, "give back webhook deliveries", "error", err, "deliveries", len(claims))
	}
}

// newFence is a token that no other claim ever had, so that not even a row that was removed and made again can be
// completed by a worker of its former life. It is the same for all rows of one claim.
func newFence() (int64, error) {
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint64(raw[:])>>1) | 1, nil
}

// Due lanes are found by skipping from one endpoint to the next in webhook_queue_lane: the cost grows with the
// endpoints that have rows, not with the rows. Each database needs its own spelling to do so by index: of (a, b) > (x, y)
// SQLite would read every row of (x, y) again.
//
// PostgreSQL locks the right to claim from an endpoint, not the endpoint's row: claims need to exclude only each other,
// and completions hold the rows most of the time when many attempts end. Endpoints that another process claims from are
// skipped: it is there already, or soon done. The locks are asked for last, so that no more than $3 are ever taken.
const (
	lanesPostgres = eachLanePostgres + `, due AS MATERIALIZED (` + dueOfLanes + `)
		SELECT workspace_id, id, cap, pg_try_advisory_xact_lock(hashtextextended(workspace_id || id, 0)) FROM due`
	lanesSQLite = eachLaneSQLite + ` SELECT *, 1 FROM (` + dueOfLanes + `)`

	eachLanePostgres = `WITH RECURSIVE lanes (workspace_id, endpoint_id) AS (
			SELECT * FROM (SELECT workspace_id, endpoint_id FROM webhook_queue
				WHERE (workspace_id, endpoint_id) > ($1, $2) ORDER BY workspace_id, endpoint_id LIMIT 1) AS first
			UNION ALL
			SELECT q.workspace_id, q.endpoint_id FROM lanes l CROSS JOIN LATERAL (
				SELECT n.workspace_id, n.endpoint_id FROM webhook_queue n
				WHERE (n.workspace_id, n.endpoint_id) > (l.workspace_id, l.endpoint_id)
				ORDER BY n.workspace_id, n.endpoint_id LIMIT 1) AS q
		)`

	eachLaneSQLite = `WITH RECURSIVE begun (workspace_id, endpoint_id, found) AS (
			SELECT $1, $2, 0
			UNION ALL
			SELECT q.workspace_id, q.endpoint_id, 1 FROM begun l JOIN webhook_queue q ON q.rowid = coalesce(
				(SELECT n.rowid FROM webhook_queue n WHERE n.workspace_id = l.workspace_id
					AND n.endpoint_id > l.endpoint_id ORDER BY n.endpoint_id LIMIT 1),
				(SELECT n.rowid FROM webhook_queue n WHERE n.workspace_id > l.workspace_id
					ORDER BY n.workspace_id, n.endpoint_id LIMIT 1))
		), lanes AS (SELECT * FROM begun WHERE found = 1)`

	dueOfLanes = `
		SELECT p.workspace_id, p.id, CASE WHEN p.consecutive_failures >= 5 THEN 1 ELSE p.max_in_flight END AS cap
		FROM lanes l JOIN webhook_endpoints p ON p.workspace_id = l.workspace_id AND p.id = l.endpoint_id
		WHERE EXISTS (SELECT 1 FROM webhook_queue q WHERE q.workspace_id = l.workspace_id
			AND q.endpoint_id = l.endpoint_id AND q.next_at <= {now})
		LIMIT $3`

	// maxLanes bounds the endpoints of one claim, and with them the locks that PostgreSQL has to keep for it: it has
	// room for 6,400 by default, for everybody.
	maxLanes = 128
)

// dueLanes finds at most limit endpoints that have due deliveries, going on behind those of the last claim, and returns
// those that nobody else is claiming from.
func (s *Store) dueLanes(ctx context.Context, db connection, limit int) ([]lane, error) {
	text := lanesSQLite
	if s.dialect == PostgreSQL {
		text = lanesPostgres
	}
	from := s.lane
	for {
		lanes, err := readAll(ctx, db, sqlQuery{
			text: s.sql(text), args: []any{from.WorkspaceID, from.EndpointID, limit},
		}, func(row *sql.Rows, l *lane) error { return row.Scan(&l.WorkspaceID, &l.EndpointID, &l.Cap, &l.ours) })
		if err != nil {
			return nil, fmt.Errorf("find due deliveries: %w", err)
		}
		s.lane = laneKey{} // the end was reached: the next turn begins with the first endpoint
		if len(lanes) == limit {
			s.lane = lanes[limit-1].laneKey
		}
		if len(lanes) > 0 || from == (laneKey{}) {
			return slices.DeleteFunc(lanes, func(l lane) bool { return !l.ours }), nil
		}
		from = laneKey{}
	}
}
