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

// emailRow is a new e-mail as statements take it.
type emailRow struct {
	ID         string  `json:"i"`
	At         int64   `json:"a"`
	Kind       string  `json:"k"`
	Recipients string  `json:"r"`
	Subject    string  `json:"s"`
	Body       string  `json:"b"`
	StudentID  *string `json:"u"`
}

// insertEmails makes mails due by the clock: a Tx runs ahead of it after the clock was set back.
const insertEmails = `INSERT INTO emails (workspace_id, id, created_at, kind, recipients, subject, body, student_id,
		attempts, next_at)
	SELECT $1, r.value->>'i', CAST(r.value->>'a' AS bigint), r.value->>'k', r.value->>'r', r.value->>'s', r.value->>'b',
		r.value->>'u', 0, {least}({now}, CAST(r.value->>'a' AS bigint))
	FROM {rows $2}`

// Mail puts e-mails into the outbox, with one statement for any number.
func (tx *Tx) Mail(ctx context.Context, mails ...NewEmail) error {
	list := make([]emailRow, len(mails))
	for i, in := range mails {
		id, err := tx.newID(prefixEmail)
		if err != nil {
			return err
		}
		recipients, err := json.Marshal(in.Recipients)
		if err != nil {
			return err
		}
		list[i] = emailRow{ID: id, At: micros(tx.now), Kind: in.Kind, Recipients: string(recipients), Subject: in.Subject,
			Body: in.Body, StudentID: in.StudentID}
	}
	return wrap("put e-mails into the outbox", noun(writeRows(ctx, tx, insertEmails, list)))
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
