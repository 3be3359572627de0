package store

import (
	"context"
	"encoding/json"
	"time"
)

// outcomeRow is an Outcome as statements take it.
type outcomeRow struct {
	held
	status   string
	attempt  int64
	tries    int64
	code     *int64
	next     *int64 // when the delivery is tried again; nil if it is final
	cause    string
	at       int64
	millis   int64
	fault    *string
	headers  string
	response *string
	now      int64
}

func outcomeRows(list []Outcome, endpoints map[laneKey]*health) []outcomeRow {
	rows := make([]outcomeRow, len(list))
	for i, c := range list {
		rows[i] = c.row(endpoints[c.Claim.held().laneKey].now)
	}
	return rows
}

func (c Outcome) row(now time.Time) outcomeRow {
	headers, err := json.Marshal(c.Attempt.RequestHeaders)
	if err != nil || c.Attempt.RequestHeaders == nil {
		headers = []byte("{}")
	}
	row := outcomeRow{
		held: c.Claim.held(), status: DeliveryFailed, attempt: int64(c.Claim.Attempt), tries: int64(c.Claim.Tries),
		cause: c.Claim.Trigger, at: micros(c.Attempt.At), millis: c.Attempt.Duration.Milliseconds(),
		fault: storable(c.Attempt.Error), headers: string(headers), response: storable(c.Attempt.ResponseBody),
		now: micros(now),
	}
	if c.Attempt.StatusCode != nil {
		code := int64(*c.Attempt.StatusCode)
		row.code = &code
	}
	switch {
	case c.Succeeded:
		row.status = DeliverySucceeded
	case c.RetryIn != nil:
		next := micros(now.Add(*c.RetryIn))
		row.status, row.next = DeliveryPending, &next
	}
	return row
}

// settlePostgres takes what is final from the queue and postpones the rest, if the lease is still that of the claim, and
// writes to the log what it so took back. A group is one statement: its journeys, not its rows, are what others wait for
// while the endpoints are locked.
const settlePostgres = `WITH r AS MATERIALIZED (
		SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
			$8::bigint[], $9::text[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[])
		AS r (workspace_id, delivery_id, token, status, attempt, tries, code, next, cause, at, millis, fault, headers, response)
	), ended AS (
		DELETE FROM webhook_queue q USING r
		WHERE q.delivery_id = r.delivery_id AND q.lease_token = r.token AND r.next IS NULL RETURNING q.delivery_id
	), postponed AS (
		UPDATE webhook_queue q SET attempt = r.attempt + 1, tries = r.tries + 1, caused_by = 'auto', next_at = r.next,
			lease_until = NULL, lease_token = 0
		FROM r WHERE q.delivery_id = r.delivery_id AND q.lease_token = r.token AND r.next IS NOT NULL RETURNING q.delivery_id
	), heard AS MATERIALIZED (
		SELECT r.* FROM (SELECT delivery_id FROM ended UNION ALL SELECT delivery_id FROM postponed) AS h
		JOIN r ON r.delivery_id = h.delivery_id
	), kept AS (
		UPDATE webhook_deliveries d SET status = h.status, attempt_count = h.attempt, next_attempt_at = h.next,
			last_status_code = h.code, updated_at = $15
		FROM heard h WHERE d.workspace_id = h.workspace_id AND d.id = h.delivery_id
	), logged AS (
		INSERT INTO webhook_attempts (workspace_id, delivery_id, number, caused_by, at, status_code, duration_ms, error,
			request_headers, response_body)
		SELECT workspace_id, delivery_id, attempt, cause, at, code, millis, fault, headers, response FROM heard
	)` + countPostgres + `
	SELECT delivery_id FROM heard`

// The same for SQLite, a row at a time.
const (
	endSQLite      = `DELETE FROM webhook_queue WHERE delivery_id = $1 AND lease_token = $2`
	postponeSQLite = `UPDATE webhook_queue SET attempt = $3 + 1, tries = $4 + 1, caused_by = 'auto', next_at = $5,
		lease_until = NULL, lease_token = 0 WHERE delivery_id = $1 AND lease_token = $2`
	keepSQLite = `UPDATE webhook_deliveries SET status = $3, attempt_count = $4, next_attempt_at = $5,
		last_status_code = $6, updated_at = $7 WHERE workspace_id = $1 AND id = $2`
	logSQLite = `INSERT INTO webhook_attempts (workspace_id, delivery_id, number, caused_by, at, status_code, duration_ms,
		error, request_headers, response_body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
)

// settle records outcomes, counts them under the name of writer, and returns which deliveries were heard: those whose
// lease was still that of the claim.
func (s *Store) settle(ctx context.Context, db connection, rows []outcomeRow, writer string) (heard map[string]bool, err error) {
	heard = make(map[string]bool, len(rows))
	if s.dialect == SQLite {
		taken, err := settleSQLite(ctx, db, rows, heard)
		if err != nil {
			return heard, err
		}
		return heard, countSQLite(ctx, db, taken, writer)
	}
	ids, err := readAll(ctx, db, sqlQuery{
		text: settlePostgres, args: append(outcomeColumns(rows), rows[0].now, slotOf(rows[0].now), writer), capacity: len(rows),
	}, scanText)
	for _, id := range ids {
		heard[id] = true
	}
	return heard, err
}

// outcomeColumns are the first arguments of settlePostgres.
func outcomeColumns(rows []outcomeRow) []any {
	n := len(rows)
	workspaces, ids, statuses, causes, headers := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	tokens, attempts, tries, at, millis := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	codes, next := make([]*int64, n), make([]*int64, n)
	faults, responses := make([]*string, n), make([]*string, n)
	for i, r := range rows {
		workspaces[i], ids[i], tokens[i], statuses[i], attempts[i], tries[i] = r.WorkspaceID, r.DeliveryID, r.Token, r.status, r.attempt, r.tries
		codes[i], next[i], causes[i], at[i], millis[i] = r.code, r.next, r.cause, r.at, r.millis
		faults[i], headers[i], responses[i] = r.fault, r.headers, r.response
	}
	return []any{workspaces, ids, tokens, statuses, attempts, tries, codes, next, causes, at, millis, faults, headers, responses}
}

// settleSQLite returns what was heard, and marks it in heard.
func settleSQLite(ctx context.Context, db connection, rows []outcomeRow, heard map[string]bool) (taken []outcomeRow, err error) {
	var ended, postponed []outcomeRow
	for _, r := range rows {
		if r.next == nil {
			ended = append(ended, r)
		} else {
			postponed = append(postponed, r)
		}
	}
	take := func(text string, list []outcomeRow, args func(r outcomeRow) []any) error {
		changed, err := execRows(ctx, db, text, list, args)
		for i, n := range changed {
			if n > 0 {
				heard[list[i].DeliveryID] = true
				taken = append(taken, list[i])
			}
		}
		return err
	}
	if err := take(endSQLite, ended, func(r outcomeRow) []any { return []any{r.DeliveryID, r.Token} }); err != nil {
		return nil, err
	}
	err = take(postponeSQLite, postponed, func(r outcomeRow) []any {
		return []any{r.DeliveryID, r.Token, r.attempt, r.tries, *r.next}
	})
	if err != nil {
		return nil, err
	}
	_, err = execRows(ctx, db, keepSQLite, taken, func(r outcomeRow) []any {
		return []any{r.WorkspaceID, r.DeliveryID, r.status, r.attempt, r.next, r.code, r.now}
	})
	if err != nil {
		return nil, err
	}
	_, err = execRows(ctx, db, logSQLite, taken, func(r outcomeRow) []any {
		return []any{r.WorkspaceID, r.DeliveryID, r.attempt, r.cause, r.at, r.code, r.millis, r.fault, r.headers, r.response}
	})
	return taken, err
}
