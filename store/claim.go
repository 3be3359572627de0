package store

import (
	"context"
	"database/sql"
)

// claimed is what an attempt needs to know. q is the leased rows. Of two secrets the old one comes last, unless it was
// the other order that the endpoint took last.
const (
	claimed = `q.delivery_id, q.workspace_id, q.endpoint_id, q.event_id, e.type, p.url, e.body, q.attempt, q.tries,
		q.caused_by, q.lease_until, q.expired, coalesce(e.trace, ''),
		coalesce(k.number, 0), k.sealed`

	fromClaimed = `JOIN events e ON e.workspace_id = q.workspace_id AND e.id = q.event_id
		JOIN webhook_endpoints p ON p.workspace_id = q.workspace_id AND p.id = q.endpoint_id
		LEFT JOIN webhook_secrets k ON k.workspace_id = q.workspace_id AND k.endpoint_id = q.endpoint_id
			AND (k.expires_at IS NULL OR k.expires_at > {now})`

	secretOrder = `CASE WHEN k.number = p.last_secret THEN 1 ELSE 0 END, k.number DESC`
)

// leasePostgres is a statement of its own, so that its snapshot is newer than the locks on the lanes: in one statement
// two processes would each count the leases of before the other, and exceed the cap together. A row that a completion
// postponed meanwhile is not due any more, which the update sees in the newest version of the row.
// $1 to $4 are the lanes, $5 is the token, $6 the length of the lease.
const leasePostgres = `WITH clock AS MATERIALIZED (SELECT tbc_now() AS now), due AS (
		SELECT d.*, clock.now
		FROM clock, unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS lane (workspace_id, endpoint_id, cap, most)
		CROSS JOIN LATERAL (
			SELECT w.delivery_id, w.next_at AS due_at, w.lease_until IS NOT NULL AS expired FROM webhook_queue w
			WHERE w.workspace_id = lane.workspace_id AND w.endpoint_id = lane.endpoint_id
				AND w.next_at <= (SELECT now FROM clock)
			ORDER BY w.next_at, w.delivery_id
			LIMIT least(lane.most, greatest(0, lane.cap - (SELECT count(*) FROM webhook_queue l
				WHERE l.workspace_id = lane.workspace_id AND l.endpoint_id = lane.endpoint_id
					AND l.lease_until > (SELECT now FROM clock))))
		) AS d
	), q AS (
		UPDATE webhook_queue q SET lease_until = due.now + $6, next_at = due.now + $6, lease_token = $5
		FROM due WHERE q.delivery_id = due.delivery_id AND q.next_at <= due.now
		RETURNING q.*, due.expired, due.due_at
	)
	SELECT ` + claimed + ` FROM q ` + fromClaimed + ` ORDER BY q.due_at, q.delivery_id, ` + secretOrder

// SQLite has one writer, so it may look before it leases. dueSQLite does one lane: $1 and $2 name it, $3 is its cap, $4
// its share, $5 the end of the lease, $6 now. leaseSQLite leases one of the rows found.
const (
	dueSQLite = `SELECT ` + claimed + ` FROM (
			SELECT delivery_id, workspace_id, endpoint_id, event_id, attempt, tries, caused_by, next_at, $5 AS lease_until,
				lease_until IS NOT NULL AS expired
			FROM webhook_queue WHERE workspace_id = $1 AND endpoint_id = $2 AND next_at <= $6
			ORDER BY next_at, delivery_id
			LIMIT max(0, min($4, $3 - (SELECT count(*) FROM webhook_queue
				WHERE workspace_id = $1 AND endpoint_id = $2 AND lease_until > $6)))) q ` + fromClaimed + `
		ORDER BY q.next_at, q.delivery_id, ` + secretOrder
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
		text: s.sql(leasePostgres), args: []any{workspaces, endpoints, caps, most, token, Lease.Microseconds()},
	}, scanClaim)
}

func (s *Store) leaseSQLite(ctx context.Context, db connection, lanes []lane, token int64) ([]claimRow, error) {
	now := s.now()
	until := micros(now.Add(Lease))
	rows, err := readRows(ctx, db, s.sql(dueSQLite), lanes, func(l lane) []any {
		return []any{l.WorkspaceID, l.EndpointID, l.Cap, l.Most, until, micros(now)}
	}, scanClaim)
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
