package store

import (
	"context"
	"database/sql"
	"slices"
)

// claimed is what an attempt needs to know. q is the leased rows. Of two secrets the old one comes last, unless it was
// the other order that the endpoint took last.
const (
	claimed = `q.delivery_id, q.workspace_id, q.endpoint_id, q.event_id, e.type, p.url, e.body, q.attempt, q.tries,
		q.caused_by, q.lease_until, q.expired, coalesce(e.trace, ''), coalesce(k.number, 0), k.sealed`

	fromClaimed = `JOIN events e ON e.workspace_id = q.workspace_id AND e.id = q.event_id
		JOIN webhook_endpoints p ON p.workspace_id = q.workspace_id AND p.id = q.endpoint_id
		LEFT JOIN webhook_secrets k ON k.workspace_id = q.workspace_id AND k.endpoint_id = q.endpoint_id
			AND (k.expires_at IS NULL OR k.expires_at > {now})`

	secretOrder = `CASE WHEN k.number = p.last_secret THEN 1 ELSE 0 END, k.number DESC`
)

// Which rows of a lane are taken: room is how many. Oldest first, so that an endpoint hears of events in their order if
// it can; but while retries are waiting, one in four is the newest row that was never sent, so that a mass of retries
// cannot keep fresh events back. Looking at the newest few finds one unless so many retries became due after it. turn
// makes one in four of rooms for one. The two halves may name a row twice.
//
// leasePostgres is a statement of its own, so that its snapshot is newer than the locks on the lanes: in one statement
// two processes would each count the leases of before the other, and exceed the cap together. Rows that a Tx is changing
// are skipped, so that a claim never waits and can be in no deadlock; one that was postponed meanwhile is not due any
// more, which its lock shows.
// $1 to $4 are the lanes, $5 is the token, $6 the length of the lease, $7 the turn.
const leasePostgres = `WITH clock AS MATERIALIZED (SELECT tbc_now() AS now), lane AS MATERIALIZED (
		SELECT l.workspace_id, l.endpoint_id, least(l.most, greatest(0, l.cap - (SELECT count(*) FROM webhook_queue w
			WHERE w.workspace_id = l.workspace_id AND w.endpoint_id = l.endpoint_id AND w.lease_until > clock.now))) AS room,
			CASE WHEN 0 < (SELECT w.tries FROM webhook_queue w
				WHERE w.workspace_id = l.workspace_id AND w.endpoint_id = l.endpoint_id AND w.next_at <= clock.now
				ORDER BY w.next_at, w.delivery_id LIMIT 1) THEN ` + freshEnd + ` ELSE 0 END AS fresh,
			clock.now
		FROM clock, unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS l (workspace_id, endpoint_id, cap, most)
	), due AS (
		SELECT d.*, lane.now FROM lane CROSS JOIN LATERAL (
			SELECT * FROM ((
				SELECT * FROM (
					SELECT w.delivery_id, w.next_at AS due_at, w.lease_until, w.tries FROM webhook_queue w
					WHERE w.workspace_id = lane.workspace_id AND w.endpoint_id = lane.endpoint_id AND w.next_at <= lane.now
					ORDER BY w.next_at DESC, w.delivery_id DESC LIMIT lane.fresh
				) AS n
				WHERE n.tries = 0 AND n.lease_until IS NULL ORDER BY n.due_at DESC, n.delivery_id DESC LIMIT (lane.room + $7) / 4
			) UNION ALL (
				SELECT w.delivery_id, w.next_at, w.lease_until, w.tries FROM webhook_queue w
				WHERE w.workspace_id = lane.workspace_id AND w.endpoint_id = lane.endpoint_id AND w.next_at <= lane.now
				ORDER BY w.next_at, w.delivery_id LIMIT lane.room
			)) AS both_ends LIMIT lane.room
		) AS d
	), free AS (
		SELECT due.* FROM due JOIN webhook_queue q ON q.delivery_id = due.delivery_id WHERE q.next_at <= due.now
		FOR NO KEY UPDATE OF q SKIP LOCKED
	), q AS (
		UPDATE webhook_queue q SET lease_until = free.now + $6, next_at = free.now + $6, lease_token = $5
		FROM free WHERE q.delivery_id = free.delivery_id
		RETURNING q.*, free.lease_until IS NOT NULL AS expired, free.due_at
	)
	SELECT ` + claimed + ` FROM (SELECT q.delivery_id, q.workspace_id, q.endpoint_id, q.event_id, q.attempt, q.tries, q.caused_by,
		q.lease_until, q.expired, q.due_at FROM q) AS q ` + fromClaimed + `
	ORDER BY q.due_at, q.delivery_id, ` + secretOrder

// freshEnd is how many rows at the fresh end of a lane are looked at.
const freshEnd = `64`

// SQLite has one writer, so it may look before it leases. roomSQLite and dueSQLite do one lane: $1 and $2 name it, $3 is
// now, $4 its cap or the room in it, $5 the end of the lease, $6 the turn, $7 how much of the fresh end to look at.
// leaseSQLite leases one of the rows found.
const (
	roomSQLite = `SELECT max(0, $4 - (SELECT count(*) FROM webhook_queue
			WHERE workspace_id = $1 AND endpoint_id = $2 AND lease_until > $3)),
		CASE WHEN tries > 0 THEN ` + freshEnd + ` ELSE 0 END FROM webhook_queue
		WHERE workspace_id = $1 AND endpoint_id = $2 AND next_at <= $3 ORDER BY next_at, delivery_id LIMIT 1`
	dueSQLite = `SELECT ` + claimed + ` FROM (
			SELECT delivery_id, workspace_id, endpoint_id, event_id, attempt, tries, caused_by, next_at, $5 AS lease_until,
				lease_until IS NOT NULL AS expired
			FROM webhook_queue WHERE rowid IN (SELECT id FROM (
				SELECT * FROM (SELECT rowid AS id FROM (
						SELECT rowid, tries, lease_until, next_at, delivery_id FROM webhook_queue
						WHERE workspace_id = $1 AND endpoint_id = $2 AND next_at <= $3
						ORDER BY next_at DESC, delivery_id DESC LIMIT $7)
					WHERE tries = 0 AND lease_until IS NULL ORDER BY next_at DESC, delivery_id DESC LIMIT ($4 + $6) / 4)
				UNION ALL
				SELECT * FROM (SELECT rowid FROM webhook_queue
					WHERE workspace_id = $1 AND endpoint_id = $2 AND next_at <= $3 ORDER BY next_at, delivery_id LIMIT $4)
			) LIMIT $4)
		) q ` + fromClaimed + ` ORDER BY q.next_at, q.delivery_id, ` + secretOrder
	leaseSQLite = `UPDATE webhook_queue SET lease_until = $2, next_at = $2, lease_token = $3 WHERE delivery_id = $1`
)

// claimRow is a leased delivery and one of the secrets that sign it.
type claimRow struct {
	claim  Claim
	secret sealedSecret
}

func scanClaim(found *sql.Rows, r *claimRow) error {
	c := &r.claim
	return found.Scan(&c.DeliveryID, &c.WorkspaceID, &c.EndpointID, &c.EventID, &c.EventType, &c.URL, &c.Body,
		whole(&c.Attempt), whole(&c.Tries), &c.Trigger, at(&c.LeaseUntil), &c.Expired, &c.Trace,
		&r.secret.number, &r.secret.sealed)
}

// lease takes due rows of lanes that nobody else claims from.
func (s *Store) lease(ctx context.Context, db connection, lanes []lane, token int64) ([]claimRow, error) {
	if s.dialect == SQLite {
		return s.leaseSQLite(ctx, db, lanes, token)
	}
	var workspaces, endpoints []string
	var caps, most []int64
	for _, l := range lanes {
		workspaces, endpoints = append(workspaces, l.WorkspaceID), append(endpoints, l.EndpointID)
		caps, most = append(caps, l.Cap), append(most, int64(l.Most))
	}
	return readAll(ctx, db, sqlQuery{
		text: s.sql(leasePostgres), args: []any{workspaces, endpoints, caps, most, token, Lease.Microseconds(), s.turn % 4},
	}, scanClaim)
}

func (s *Store) leaseSQLite(ctx context.Context, db connection, lanes []lane, token int64) ([]claimRow, error) {
	now := s.now()
	until := micros(now.Add(Lease))
	type room struct{ rows, fresh int }
	rooms, err := readRows(ctx, db, roomSQLite, argumentsOf(lanes, func(l lane) []any {
		return []any{l.WorkspaceID, l.EndpointID, micros(now), l.Cap}
	}), func(row *sql.Rows, r *room) error { return row.Scan(&r.rows, &r.fresh) })
	if err != nil || len(rooms) != len(lanes) {
		return nil, err
	}
	for i, r := range rooms {
		lanes[i].Most, lanes[i].fresh = min(lanes[i].Most, r.rows), r.fresh
	}
	lanes = slices.DeleteFunc(lanes, func(l lane) bool { return l.Most == 0 })
	rows, err := readRows(ctx, db, s.sql(dueSQLite), argumentsOf(lanes, func(l lane) []any {
		return []any{l.WorkspaceID, l.EndpointID, micros(now), l.Most, until, s.turn % 4, l.fresh}
	}), scanClaim)
	if err != nil {
		return nil, err
	}
	_, err = execRows(ctx, db, leaseSQLite, rows, func(r claimRow) []any { return []any{r.claim.DeliveryID, until, token} })
	return rows, err
}

// claims puts the rows of each delivery together and opens the secrets.
func (s *Store) claims(ctx context.Context, rows []claimRow, token int64) []Claim {
	claims := make([]Claim, 0, len(rows))
	for _, r := range rows {
		if len(claims) == 0 || claims[len(claims)-1].DeliveryID != r.claim.DeliveryID {
			r.claim.token = token
			claims = append(claims, r.claim)
		}
		s.sign(ctx, &claims[len(claims)-1], r.secret)
	}
	return claims
}

// held is a claim as a statement takes it.
type held struct {
	laneKey
	DeliveryID string `json:"d"`
	Token      int64  `json:"t"`
}

// lanesOf are the endpoints of claims, each once.
func lanesOf(list []held) []laneKey {
	seen := make(map[laneKey]bool, len(list))
	var keys []laneKey
	for _, h := range list {
		if !seen[h.laneKey] {
			seen[h.laneKey] = true
			keys = append(keys, h.laneKey)
		}
	}
	return keys
}

func (c Claim) held() held {
	return held{laneKey{c.WorkspaceID, c.EndpointID}, c.DeliveryID, c.token}
}

// ReleaseDeliveries gives leases back: the deliveries are due again, and no attempt is counted. Those that are no
// longer the claimer's are left alone.
func (s *Store) ReleaseDeliveries(ctx context.Context, claims []Claim) error {
	if len(claims) == 0 {
		return nil
	}
	list := make([]held, len(claims))
	for i, claim := range claims {
		list[i] = claim.held()
	}
	rows, err := jsonRows(list)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(db connection) error {
		if _, err := s.lockHealth(ctx, db, lanesOf(list)); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, s.sql(`UPDATE webhook_queue SET lease_until = NULL, lease_token = 0, next_at = {now}
			WHERE (delivery_id, lease_token) IN (
				SELECT value->>'d', CAST(value->>'t' AS bigint) FROM {rows $1})`), rows)
		return noun(err)
	})
}
