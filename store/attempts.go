package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Why an attempt was made. Retries of any delivery are auto.
const (
	causeAuto     = "auto"
	causeManual   = "manual" // redelivered by hand
	causeRecovery = "recovery"
	causeTest     = "test"
)

// Attempt is one try to deliver, as it is logged.
type Attempt struct {
	Number         int
	Trigger        string // auto, manual, recovery or test
	At             time.Time
	StatusCode     *int // nil if no answer came
	Duration       time.Duration
	Error          *string // nil if a 2xx came
	RequestHeaders map[string]string
	RequestBody    *string // nil once a person in it was erased
	ResponseBody   *string // its beginning; nil if there was no answer, or a person was erased
}

// shownAttempts is how many attempts of a delivery are read. The schedule makes seven; redelivering by hand can make
// any number.
const shownAttempts = 20

func (w *Workspace) attempts(ctx context.Context, deliveryID string) ([]Attempt, error) {
	return readAttempts(ctx, w.scope, deliveryID)
}

// Attempts reads the newest attempts of a delivery, newest first.
func (tx *Tx) Attempts(ctx context.Context, deliveryID string) ([]Attempt, error) {
	return readAttempts(ctx, tx.scope, deliveryID)
}

// readAttempts reads newest first. What was sent is the event's body, unless that was rewritten later.
func readAttempts(ctx context.Context, s scope, deliveryID string) ([]Attempt, error) {
	list, err := scanAll(ctx, s, sqlQuery{
		text: `SELECT a.number, a.caused_by, a.at, a.status_code, a.duration_ms, a.error, a.request_headers, a.response_body,
				CASE WHEN e.erased_at IS NULL OR a.at > e.erased_at THEN e.body END
			FROM webhook_attempts a
			JOIN webhook_deliveries d ON d.workspace_id = a.workspace_id AND d.id = a.delivery_id
			JOIN events e ON e.workspace_id = d.workspace_id AND e.id = d.event_id
			WHERE a.workspace_id = $1 AND a.delivery_id = $2 ORDER BY a.number DESC LIMIT $3`,
		args: []any{deliveryID, shownAttempts}, capacity: 1,
	}, scanAttempt)
	if err != nil {
		return nil, fmt.Errorf("attempts of %s: %w", deliveryID, err)
	}
	return list, nil
}

func scanAttempt(row *sql.Rows, a *Attempt) error {
	var milliseconds int64
	err := row.Scan(whole(&a.Number), &a.Trigger, at(&a.At), &a.StatusCode, &milliseconds, textOrNil(&a.Error),
		asJSON(&a.RequestHeaders), textOrNil(&a.ResponseBody), textOrNil(&a.RequestBody))
	a.Duration = time.Duration(milliseconds) * time.Millisecond
	return err
}

// storable makes text from a stranger fit for both databases: valid UTF-8 without NUL.
func storable(text *string) *string {
	if text == nil {
		return nil
	}
	clean := strings.ReplaceAll(strings.ToValidUTF8(*text, "\uFFFD"), "\x00", "\uFFFD")
	return &clean
}
