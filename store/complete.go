package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Outcome says how the attempt of a claim went.
type Outcome struct {
	Claim     Claim
	Attempt   Attempt // number, trigger and request body are the claim's
	Succeeded bool
	// Reordered says that it succeeded with the claim's two secrets in the other order.
	Reordered bool
	// RetryIn is how long after now the next attempt is due; nil if a failure is final.
	RetryIn *time.Duration
	// DisableAfter is how long an endpoint may fail before a failed attempt disables it; 0 is for ever.
	DisableAfter time.Duration
}

// CompleteDeliveries records attempts, all in one transaction. Only the holder of the current lease is heard: what a
// stale worker says changes nothing, and fenced is how many were not heard: their lease had run out and others have the
// delivery, or it was canceled. A failed attempt that disables its endpoint is recorded in a Tx of the
// workspace, since no event may be queued for the endpoint meanwhile; that Tx also writes the e-mail and the audit
// line. On an error nothing of the group, or only of those endpoints, was recorded: calling again is safe.
func (s *Store) CompleteDeliveries(ctx context.Context, list []Outcome) (fenced int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	var done completion
	err = s.inTx(ctx, func(db connection) (err error) {
		done, err = s.complete(ctx, db, list, false)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("complete deliveries: %w", err)
	}
	fenced = done.fenced
	for _, group := range byEndpoint(done.doomed) {
		more, err := s.completeAndDisable(ctx, group)
		fenced += more
		if err != nil {
			return fenced, fmt.Errorf("complete deliveries: %w", err)
		}
	}
	return fenced, nil
}

// completion is what became of a group.
type completion struct {
	doomed []Outcome // of endpoints that the group disables
	fenced int       // with another token than the row's
}

func byEndpoint(list []Outcome) map[laneKey][]Outcome {
	groups := map[laneKey][]Outcome{}
	for _, c := range list {
		key := c.Claim.held().laneKey
		groups[key] = append(groups[key], c)
	}
	return groups
}

func (s *Store) completeAndDisable(ctx context.Context, group []Outcome) (fenced int, err error) {
	first := group[0].Claim
	err = s.Workspace(first.WorkspaceID).Tx(ctx, func(tx *Tx) error {
		done, err := s.complete(ctx, tx.scope.db.Statement.ConnPool, group, true)
		fenced = done.fenced
		if err != nil || len(done.doomed) == 0 {
			return err
		}
		endpoint, err := readEndpoint(ctx, tx.scope, first.EndpointID, "")
		if err != nil {
			return err
		}
		if err := tx.disableEndpoint(ctx, endpoint.ID, DisabledFailing); err != nil {
			return err
		}
		if err := tx.audit(ctx, "system", "webhook_endpoint.disabled", endpoint.ID); err != nil {
			return err
		}
		return tx.mailOwners(ctx, disabledMail(endpoint))
	})
	return fenced, err
}

// complete records completions. Those of an endpoint that one of them disables are left out and returned, unless
// inTx: then they are recorded, and returned for the caller to disable the endpoint.
func (s *Store) complete(ctx context.Context, db connection, list []Outcome, inTx bool) (done completion, err error) {
	rows, err := jsonRows(heldOf(list))
	if err != nil {
		return done, err
	}
	endpoints, err := s.lockHealth(ctx, db, rows)
	if err != nil {
		return done, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(c Outcome) bool {
		if !disables(list, endpoints, c.Claim.held().laneKey) {
			return false
		}
		done.doomed = append(done.doomed, c)
		return !inTx
	})
	if len(list) == 0 {
		return done, nil
	}
	taken, err := s.takeBack(ctx, db, list)
	if err != nil {
		return done, err
	}
	done.fenced = len(list) - len(taken)
	list = slices.DeleteFunc(list, func(c Outcome) bool { return !taken[c.Claim.DeliveryID] })
	done.doomed = slices.DeleteFunc(done.doomed, func(c Outcome) bool { return inTx && !taken[c.Claim.DeliveryID] })
	return done, s.record(ctx, db, list, endpoints)
}

// disables reports whether a failed attempt in list is the end of the endpoint. A success in the same group saves it.
func disables(list []Outcome, endpoints map[laneKey]*health, key laneKey) bool {
	h := endpoints[key]
	end := false
	for _, c := range list {
		if c.Claim.held().laneKey != key || c.Claim.EventType == TestEventType || h == nil {
			continue
		}
		if c.Succeeded {
			return false
		}
		end = end || h.exhausted(c.DisableAfter)
	}
	return end
}

func heldOf(list []Outcome) []held {
	all := make([]held, len(list))
	for i, c := range list {
		all[i] = c.Claim.held()
	}
	return all
}

// takeBack removes the rows whose lease is still that of the claim, and returns which these were.
func (s *Store) takeBack(ctx context.Context, db connection, list []Outcome) (map[string]bool, error) {
	rows, err := jsonRows(heldOf(list))
	if err != nil {
		return nil, err
	}
	ids, err := readAll(ctx, db, sqlQuery{
		text: s.sql(`DELETE FROM webhook_queue WHERE (delivery_id, lease_token) IN (
			SELECT value->>'d', CAST(value->>'t' AS bigint) FROM {rows $1}) RETURNING delivery_id`),
		args: []any{rows}, capacity: len(list),
	}, scanText)
	taken := make(map[string]bool, len(ids))
	for _, id := range ids {
		taken[id] = true
	}
	return taken, err
}

// outcomeRow is an Outcome as statements take it.
type outcomeRow struct {
	held
	EventID  string  `json:"v"`
	Status   string  `json:"s"`
	Attempt  int     `json:"n"`
	Tries    int     `json:"i"`
	Code     *int    `json:"c"`
	Next     *int64  `json:"x"`
	Trigger  string  `json:"g"`
	At       int64   `json:"a"`
	Millis   int64   `json:"m"`
	Error    *string `json:"r"`
	Headers  string  `json:"h"`
	Response *string `json:"b"`
}

// record writes the outcomes: the log, the health of the endpoints, and the queue rows of those to be retried.
func (s *Store) record(ctx context.Context, db connection, list []Outcome, endpoints map[laneKey]*health) error {
	if len(list) == 0 {
		return nil
	}
	outcomes, changed := make([]outcomeRow, len(list)), map[laneKey]bool{}
	retries := false
	var now time.Time
	for i, c := range list {
		key := c.Claim.held().laneKey
		h := endpoints[key]
		now = h.now
		outcomes[i] = c.row(now)
		retries = retries || outcomes[i].Next != nil
		if c.Claim.EventType == TestEventType {
			continue
		}
		changed[key] = true
		if c.Succeeded {
			h.succeed()
		} else {
			h.fail()
		}
	}
	if err := s.writeOutcomes(ctx, db, outcomes, now, retries); err != nil {
		return err
	}
	var updates []healthRow
	for key := range changed {
		h := endpoints[key]
		updates = append(updates, healthRow{key, h.failures, microsOrNull(h.failing), microsOrNull(h.lastSuccess),
			microsOrNull(h.lastFailure)})
	}
	if err := s.keepHealth(ctx, db, updates); err != nil {
		return err
	}
	return s.keepOrder(ctx, db, list)
}

func (c Outcome) row(now time.Time) outcomeRow {
	headers, err := json.Marshal(c.Attempt.RequestHeaders)
	if err != nil || c.Attempt.RequestHeaders == nil {
		headers = []byte("{}")
	}
	out := outcomeRow{
		held: c.Claim.held(), EventID: c.Claim.EventID, Status: DeliveryFailed, Attempt: c.Claim.Attempt,
		Tries: c.Claim.Tries, Code: c.Attempt.StatusCode, Trigger: c.Claim.Trigger, At: micros(c.Attempt.At),
		Millis: c.Attempt.Duration.Milliseconds(), Error: storable(c.Attempt.Error), Headers: string(headers),
		Response: storable(c.Attempt.ResponseBody),
	}
	switch {
	case c.Succeeded:
		out.Status = DeliverySucceeded
	case c.RetryIn != nil:
		next := micros(now.Add(*c.RetryIn))
		out.Status, out.Next = DeliveryPending, &next
	}
	return out
}

const (
	keepDeliveries = `UPDATE webhook_deliveries SET status = value->>'s', attempt_count = CAST(value->>'n' AS bigint),
			next_attempt_at = CAST(value->>'x' AS bigint), last_status_code = CAST(value->>'c' AS bigint), updated_at = $2
		FROM {rows $1}
		WHERE webhook_deliveries.workspace_id = value->>'w' AND webhook_deliveries.id = value->>'d'`
	keepAttempts = `INSERT INTO webhook_attempts (workspace_id, delivery_id, number, caused_by, at, status_code,
			duration_ms, error, request_headers, response_body)
		SELECT value->>'w', value->>'d', CAST(value->>'n' AS bigint), value->>'g', CAST(value->>'a' AS bigint),
			CAST(value->>'c' AS bigint), CAST(value->>'m' AS bigint), value->>'r', value->>'h', value->>'b' FROM {rows $1}`
	queueRetries = `INSERT INTO webhook_queue (workspace_id, delivery_id, endpoint_id, event_id, attempt, tries, caused_by,
			next_at, lease_token)
		SELECT value->>'w', value->>'d', value->>'e', value->>'v', CAST(value->>'n' AS bigint) + 1,
			CAST(value->>'i' AS bigint) + 1, 'auto', CAST(value->>'x' AS bigint), 0
		FROM {rows $1} WHERE value->>'x' IS NOT NULL`
)

func (s *Store) writeOutcomes(ctx context.Context, db connection, list []outcomeRow, now time.Time, retries bool) error {
	rows, err := jsonRows(list)
	if err != nil {
		return err
	}
	statements := []sqlQuery{
		{text: keepDeliveries, args: []any{rows, micros(now)}},
		{text: keepAttempts, args: []any{rows}},
	}
	if retries {
		statements = append(statements, sqlQuery{text: queueRetries, args: []any{rows}})
	}
	for _, q := range statements {
		if _, err := db.ExecContext(ctx, s.sql(q.text), q.args...); err != nil {
			return noun(err)
		}
	}
	return nil
}

// disabledMail tells the owners what happened and what to do.
func disabledMail(endpoint Endpoint) mail {
	return mail{
		kind:    "webhook_endpoint_disabled",
		subject: "Webhook endpoint disabled: " + endpoint.name(),
		body: "The webhook endpoint " + endpoint.name() + " (" + endpoint.ID + ") has failed for seven days and was " +
			"disabled. Pending deliveries were canceled; events are kept for 30 days. Once the endpoint answers again, " +
			"enable it under /dashboard/developer/webhooks and recover what it missed.",
	}
}

var _ connection = (*sql.Tx)(nil)
