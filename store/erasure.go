package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// EraseSubject takes a student out of what has been said about them: stored events keep id, type and time, and their
// data becomes {"id", "erased": true}; events of orders lose only the person; logged attempts lose bodies; pending
// deliveries are canceled, student.deleted excepted, which has nothing personal; e-mails about them go.
func (tx *Tx) EraseSubject(ctx context.Context, studentID string) error {
	if err := tx.flush(ctx); err != nil {
		return err
	}
	if err := tx.holdAllEndpoints(ctx); err != nil {
		return err
	}
	about := `event_id IN (SELECT s.event_id FROM event_subjects s
		JOIN events e ON e.workspace_id = s.workspace_id AND e.id = s.event_id
		WHERE s.workspace_id = $1 AND s.student_id = $2 AND e.type <> 'student.deleted')`
	if err := tx.cancelPending(ctx, about, studentID); err != nil {
		return err
	}
	_, err := tx.scope.exec(ctx, `UPDATE webhook_attempts SET response_body = NULL WHERE workspace_id = $1
		AND response_body IS NOT NULL AND delivery_id IN (
			SELECT id FROM webhook_deliveries WHERE workspace_id = $1 AND `+about+`)`, studentID)
	if err != nil {
		return fmt.Errorf("erase from the delivery log: %w", err)
	}
	if err := tx.rewriteEvents(ctx, studentID); err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `DELETE FROM emails WHERE workspace_id = $1 AND student_id = $2`, studentID)
	return err
}

// holdAllEndpoints keeps everybody else from the queues of the workspace until the Tx ends.
func (tx *Tx) holdAllEndpoints(ctx context.Context) error {
	_, err := scanAll(ctx, tx.scope, sqlQuery{
		text: tx.store.sql(`SELECT id FROM webhook_endpoints WHERE workspace_id = $1 ORDER BY id {lock}`),
	}, scanText)
	return err
}

// rewriteEvents goes through the student's events in pages, so that a long history needs little memory.
func (tx *Tx) rewriteEvents(ctx context.Context, studentID string) error {
	const page = 100
	after := ""
	for {
		events, err := scanAll(ctx, tx.scope, sqlQuery{
			text: `SELECT e.id, coalesce(e.seq, 0), e.type, e.created_at, e.body FROM event_subjects s
				JOIN events e ON e.workspace_id = s.workspace_id AND e.id = s.event_id
				WHERE s.workspace_id = $1 AND s.student_id = $2 AND s.event_id > $3 AND e.type <> 'student.deleted'
				ORDER BY s.event_id LIMIT $4`,
			args: []any{studentID, after, page}, capacity: page,
		}, func(row *sql.Rows, event *StoredEvent) error { return scanEvent(row, event) })
		if err != nil {
			return fmt.Errorf("read the events of %s: %w", studentID, err)
		}
		for _, event := range events {
			after = event.ID
			if err := tx.rewriteEvent(ctx, event); err != nil {
				return fmt.Errorf("erase from event %s: %w", event.ID, err)
			}
		}
		if len(events) < page {
			return nil
		}
	}
}

func (tx *Tx) rewriteEvent(ctx context.Context, event StoredEvent) error {
	members, err := tree(event.Body)
	if err != nil {
		return err
	}
	data, _ := members["data"].(map[string]any)
	if strings.HasPrefix(event.Type, "order.") {
		if customer, ok := data["customer"].(map[string]any); ok {
			customer["email"], customer["name"] = nil, nil
		}
		refunds, _ := data["refunds"].([]any)
		for _, refund := range refunds {
			if refund, ok := refund.(map[string]any); ok {
				refund["reason"] = nil // free text, which may name the person
			}
		}
	} else {
		data = map[string]any{"id": data["id"], "erased": true}
	}
	body, err := compact(envelope{
		ID: event.ID, Type: event.Type, CreatedAt: event.CreatedAt.Format(wireTime), Workspace: tx.WorkspaceID(), Data: data,
	})
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `UPDATE events SET body = $3, erased_at = $4 WHERE workspace_id = $1 AND id = $2`,
		event.ID, string(body), micros(tx.now))
	return err
}
