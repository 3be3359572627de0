package store

import (
	"context"
	"database/sql"
)

// leasePostgres is a statement of its own, so that its snapshot is newer than the locks on the endpoints: in one
// statement two processes would each count the leases of before the other, and exceed the cap together.
// $1 is the lanes, $2 the token, $3 the length of the lease.
const leasePostgres = `WITH lane AS (
		SELECT value->>'w' AS workspace_id, value->>'e' AS endpoint_id,
			CAST(value->>'cap' AS bigint) AS cap, CAST(value->>'most' AS bigint) AS most
		FROM {rows $1}
	), due AS (
		SELECT q.delivery_id, q.expired FROM lane CROSS JOIN LATERAL (
			SELECT w.delivery_id, w.lease_until IS NOT NULL AS expired FROM webhook_queue w
			WHERE w.workspace_id = lane.workspace_id AND w.endpoint_id = lane.endpoint_id AND w.next_at <= {now}
			ORDER BY w.next_at, w.delivery_id
			LIMIT least(lane.most, greatest(0, lane.cap - (SELECT count(*) FROM webhook_queue l
				WHERE l.workspace_id = lane.workspace_id AND l.endpoint_id = lane.endpoint_id AND l.lease_until > {now})))
		) AS q
	)
	UPDATE webhook_queue q SET lease_until = {now} + $3, next_at = {now} + $3, lease_token = $2
	FROM due WHERE q.delivery_id = due.delivery_id RETURNING q.delivery_id, due.expired`

// SQLite has one writer, so it may look before it leases. dueSQLite does one lane: $1 and $2 name it, $3 is its cap,
// $4 its share. leaseSQLite leases what was found; $1 is the rows, $2 and $3 as above.
const (
	dueSQLite = `SELECT delivery_id, lease_until IS NOT NULL FROM webhook_queue
		WHERE workspace_id = $1 AND endpoint_id = $2 AND next_at <= {now}
		ORDER BY next_at, delivery_id
		LIMIT max(0, min($4, $3 - (SELECT count(*) FROM webhook_queue
			WHERE workspace_id = $1 AND endpoint_id = $2 AND lease_until > {now})))`
	leaseSQLite = `UPDATE webhook_queue SET lease_until = {now} + $3, next_at = {now} + $3, lease_token = $2
		WHERE delivery_id IN (SELECT value->>'d' FROM {rows $1})`
)

// leased is a row of the queue that a claim took, and whether it had a lease that ran out.
type leased struct {
	deliveryID string
	expired    bool
}

func scanLeased(row *sql.Rows, l *leased) error { return row.Scan(&l.deliveryID, &l.expired) }

// lease takes due rows of locked lanes.
func (s *Store) lease(ctx context.Context, db connection, lanes []lane, token int64) ([]leased, error) {
	if s.dialect == PostgreSQL {
		list, err := jsonRows(lanes)
		if err != nil {
			return nil, err
		}
		return readAll(ctx, db, sqlQuery{
			text: s.sql(leasePostgres), args: []any{list, token, Lease.Microseconds()},
		}, scanLeased)
	}
	var all []leased
	for _, l := range lanes {
		due, err := readAll(ctx, db, sqlQuery{
			text: s.sql(dueSQLite), args: []any{l.WorkspaceID, l.EndpointID, l.MaxInFlight, l.Most},
		}, scanLeased)
		if err != nil {
			return nil, err
		}
		all = append(all, due...)
	}
	rows, err := jsonRows(heldBy(all))
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, s.sql(leaseSQLite), rows, token, Lease.Microseconds())
	return all, noun(err)
}

// heldBy names leased rows for a statement that needs nothing but their ids.
func heldBy(list []leased) []held {
	all := make([]held, len(list))
	for i, l := range list {
		all[i].DeliveryID = l.deliveryID
	}
	return all
}

// held is a claim as a statement takes it.
type held struct {
	laneKey
	DeliveryID string `json:"d"`
	Token      int64  `json:"t"`
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
		if _, err := s.lockHealth(ctx, db, rows); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, s.sql(`UPDATE webhook_queue SET lease_until = NULL, lease_token = 0, next_at = {now}
			WHERE (delivery_id, lease_token) IN (
				SELECT value->>'d', CAST(value->>'t' AS bigint) FROM {rows $1})`), rows)
		return noun(err)
	})
}
