package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// AuditLine says who did what to what. It holds nothing personal.
type AuditLine struct {
	ID        string
	CreatedAt time.Time
	Actor     string // an id, or "system"
	Action    string // noun.verb
	TargetID  string
}

// audit adds a line in the transaction of what it tells.
func (tx *Tx) audit(ctx context.Context, actor, action, targetID string) error {
	id, err := tx.newID(prefixAudit)
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO audit_log (workspace_id, id, created_at, actor, action, target_id)
		VALUES ($1, $2, $3, $4, $5, $6)`, id, micros(tx.now), actor, action, targetID)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// AuditLog lists the lines, newest first.
func (w *Workspace) AuditLog(ctx context.Context, opt ListOptions) (Page[AuditLine], error) {
	list := listing[AuditLine]{
		name: "audit_log", columns: `a.id, a.created_at, a.actor, a.action, a.target_id`, from: "audit_log a", alias: "a",
		scan: func(row *sql.Rows, a *AuditLine) error {
			return row.Scan(&a.ID, at(&a.CreatedAt), &a.Actor, &a.Action, &a.TargetID)
		},
		stand: func(a *AuditLine) (time.Time, time.Time, string) { return a.CreatedAt, a.CreatedAt, a.ID },
	}
	opt.UpdatedSince = nil
	return list.read(ctx, w, opt)
}
