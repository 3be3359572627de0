package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

const (
	prefixEmail = "eml_"
	prefixAudit = "aud_"
)

// Email is a mail in the outbox. It is written in the transaction of what it tells about and sent afterwards.
type Email struct {
	ID         string
	Kind       string
	Recipients []string
	Subject    string
	Body       string
	CreatedAt  time.Time
	SentAt     *time.Time
}

// mail is an e-mail to be written.
type mail struct {
	kind, subject, body string
}

// NewEmail is what a caller decides about a mail. StudentID is whom it is about, if anybody: erasing the student
// removes it.
type NewEmail struct {
	Kind       string
	Recipients []string
	Subject    string
	Body       string
	StudentID  *string
}

// Mail puts an e-mail into the outbox.
func (tx *Tx) Mail(ctx context.Context, in NewEmail) error {
	id, err := tx.newID(prefixEmail)
	if err != nil {
		return err
	}
	recipients, err := json.Marshal(in.Recipients)
	if err != nil {
		return err
	}
	// Due by the clock: tx.now runs ahead of it after the clock was set back.
	_, err = tx.scope.exec(ctx, tx.store.sql(`INSERT INTO emails (workspace_id, id, created_at, kind, recipients, subject,
			body, student_id, attempts, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, {least}({now}, $3))`),
		id, micros(tx.now), in.Kind, string(recipients), in.Subject, in.Body, in.StudentID)
	if err != nil {
		return fmt.Errorf("put an e-mail into the outbox: %w", err)
	}
	return nil
}

// mailOwners is Mail to the workspace's owners, all in one.
func (tx *Tx) mailOwners(ctx context.Context, m mail) error {
	owners, err := scanAll(ctx, tx.scope, sqlQuery{
		text: `SELECT u.email FROM workspace_members m JOIN users u ON u.id = m.user_id
			WHERE m.workspace_id = $1 AND m.role = 'owner' ORDER BY m.created_at, u.id`,
	}, scanText)
	if err != nil {
		return fmt.Errorf("find the owners: %w", err)
	}
	return tx.Mail(ctx, NewEmail{Kind: m.kind, Recipients: owners, Subject: m.subject, Body: m.body})
}

// Emails lists the outbox, newest first, sent ones included.
func (w *Workspace) Emails(ctx context.Context, opt ListOptions) (Page[Email], error) {
	list := listing[Email]{
		name: "emails", columns: `m.id, m.kind, m.recipients, m.subject, m.body, m.created_at, m.sent_at`,
		from: "emails m", alias: "m",
		scan: func(row *sql.Rows, m *Email) error {
			return row.Scan(&m.ID, &m.Kind, asJSON(&m.Recipients), &m.Subject, &m.Body, at(&m.CreatedAt), atOrNil(&m.SentAt))
		},
		stand: func(m *Email) (time.Time, time.Time, string) { return m.CreatedAt, m.CreatedAt, m.ID },
	}
	opt.UpdatedSince = nil
	return list.read(ctx, w, opt)
}
