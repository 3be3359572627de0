package store

import (
	"context"
	"database/sql"
	"time"
)

// System is who acts where no person and no key does.
const System = "system"

// CommandLine is who acts where the operator runs the program.
const CommandLine = "tbc"

// AuditEntry is what is to be told of an action. Neither an e-mail address nor anything secret may be in it.
type AuditEntry struct {
	Actor     string // the id of a person or a key, CommandLine or System
	Action    string // noun.verb
	TargetID  string
	Address   string // of the client; empty where there was none
	UserAgent string
	Detail    map[string]string // what else is worth knowing, such as a role before and after
}

// AuditLine is an entry of the log.
type AuditLine struct {
	AuditEntry
	ID        string
	CreatedAt time.Time
	Email     string // of the actor, if it is a person who is known; it is not stored with the line
	// KeyName and KeyHint are the actor's, if it is a key.
	KeyName, KeyHint string
}

// audit adds a line in the transaction of what it tells.
func (tx *Tx) audit(ctx context.Context, actor, action, targetID string) error {
	return tx.Audit(ctx, AuditEntry{Actor: actor, Action: action, TargetID: targetID})
}

// Audit adds a line in the transaction of what it tells.
func (tx *Tx) Audit(ctx context.Context, e AuditEntry) error {
	id, err := tx.newID(prefixAudit)
	if err != nil {
		return err
	}
	detail, err := e.detail()
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO audit_log (workspace_id, id, created_at, actor, action, target_id, address,
			user_agent, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, micros(tx.now), e.Actor, e.Action, e.TargetID, clip(e.Address, 300), clip(e.UserAgent, 300), detail)
	return wrap("write the audit log", err)
}

func (e AuditEntry) detail() (string, error) {
	if len(e.Detail) == 0 {
		return "{}", nil
	}
	text, err := compact(e.Detail)
	return string(text), err
}

// AuditPerson adds a line about a person to the log of a workspace that they belong to, and where that is empty, of every
// one: what is done outside of any concerns all. It is no Tx, since nothing of a workspace's domain changes: who comes
// and goes must not hold up its work, nor make its cached answers stale.
func (s *Store) AuditPerson(ctx context.Context, userID, workspaceID string, e AuditEntry) error {
	now, err := s.Clock(ctx)
	if err != nil {
		return err
	}
	err = s.inTx(ctx, func(db connection) error {
		return s.auditPerson(ctx, db, personLine{AuditEntry: e, userID: userID, workspaceID: workspaceID, at: now})
	})
	return wrap("write the audit log", err)
}

// personLine is a line about a person, for one workspace or all of theirs.
type personLine struct {
	AuditEntry
	userID, workspaceID string
	at                  time.Time
}

func (s *Store) auditPerson(ctx context.Context, db connection, line personLine) error {
	id, err := newID(prefixAudit, line.at, s.rand)
	if err != nil {
		return err
	}
	detail, err := line.detail()
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO audit_log (workspace_id, id, created_at, actor, action, target_id, address,
			user_agent, detail)
		SELECT m.workspace_id, $3, $4, $5, $6, $7, $8, $9, $10 FROM workspace_members m
		WHERE m.user_id = $1 AND (m.workspace_id = $2 OR $2 = '')`, line.userID, line.workspaceID, id, micros(line.at),
		line.Actor, line.Action, line.TargetID, clip(line.Address, 300), clip(line.UserAgent, 300), detail)
	return noun(err)
}

// AuditQuery says which lines; what is empty is no filter.
type AuditQuery struct {
	ListOptions
	Actor    string
	Action   string
	TargetID string
}

// AuditLog lists the lines, newest first.
func (w *Workspace) AuditLog(ctx context.Context, q AuditQuery) (Page[AuditLine], error) {
	list := listing[AuditLine]{
		name: "audit_log", alias: "a",
		from: `audit_log a LEFT JOIN users u ON u.id = a.actor
			LEFT JOIN api_keys k ON k.workspace_id = a.workspace_id AND k.id = a.actor`,
		columns: `a.id, a.created_at, a.actor, a.action, a.target_id, a.address, a.user_agent, a.detail, COALESCE(u.email, ''),
			COALESCE(k.name, ''), COALESCE(k.hint, '')`,
		scan: func(row *sql.Rows, a *AuditLine) error {
			return row.Scan(&a.ID, at(&a.CreatedAt), &a.Actor, &a.Action, &a.TargetID, &a.Address, &a.UserAgent,
				asJSON(&a.Detail), &a.Email, &a.KeyName, &a.KeyHint)
		},
		stand: func(a *AuditLine) (time.Time, time.Time, string) { return a.CreatedAt, a.CreatedAt, a.ID },
	}
	q.UpdatedSince = nil
	for _, filter := range []struct{ condition, value string }{
		{"a.actor = %s", q.Actor}, {"a.action = %s", q.Action}, {"a.target_id = %s", q.TargetID},
	} {
		if filter.value != "" {
			list.filter(filter.condition, &filter.value)
		}
	}
	return list.read(ctx, w, q.ListOptions)
}
