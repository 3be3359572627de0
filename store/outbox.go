package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// emailLease is how long a claimed e-mail is its claimer's; after it, the e-mail is sent again.
const emailLease = 5 * time.Minute

// OutgoingEmail is an e-mail to be sent now.
type OutgoingEmail struct {
	Email
	WorkspaceID string
	Tries       int // before this one
}

// ClaimEmails takes at most n due e-mails of all workspaces: nobody else gets them for five minutes. Whoever crashes
// after sending causes a second copy, never a loss.
func (s *Store) ClaimEmails(ctx context.Context, n int) ([]OutgoingEmail, error) {
	var claimed []OutgoingEmail
	err := s.inTx(ctx, func(db connection) (err error) {
		claimed, err = readAll(ctx, db, sqlQuery{
			text: s.sql(`UPDATE emails SET attempts = attempts + 1, next_at = {now} + $2 WHERE (workspace_id, id) IN (
					SELECT workspace_id, id FROM emails WHERE next_at <= {now} ORDER BY next_at LIMIT $1 {lock})
				RETURNING workspace_id, id, kind, recipients, subject, body, created_at, attempts - 1`),
			args: []any{n, emailLease.Microseconds()},
		}, func(row *sql.Rows, m *OutgoingEmail) error {
			return row.Scan(&m.WorkspaceID, &m.ID, &m.Kind, asJSON(&m.Recipients), &m.Subject, &m.Body, at(&m.CreatedAt),
				whole(&m.Tries))
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim e-mails: %w", err)
	}
	return claimed, nil
}

// The kinds of e-mails whose bodies hold a link that opens something.
const (
	MailMemberInvited = "member.invited"
	MailPasswordReset = "password.reset"
)

// EmailSent records that an e-mail was handed over. A link that opens something goes from the outbox with it: from then
// on its recipient alone has it.
func (s *Store) EmailSent(ctx context.Context, m OutgoingEmail) error {
	change := `sent_at = {now}, next_at = NULL`
	if m.Kind == MailMemberInvited || m.Kind == MailPasswordReset {
		change += `, body = ''`
	}
	return s.settleEmail(ctx, m, change)
}

// EmailPutAside records that an e-mail will not be sent. It stays readable, unless its link is to be forgotten and it is
// of a kind that holds one: who reads the database must not get in by it.
func (s *Store) EmailPutAside(ctx context.Context, m OutgoingEmail, forgetLink bool) error {
	change := `next_at = NULL`
	if forgetLink && (m.Kind == MailMemberInvited || m.Kind == MailPasswordReset) {
		change += `, body = ''`
	}
	return s.settleEmail(ctx, m, change)
}

// ForgetLinks empties at most batch e-mails that wait for nothing and hold a link that opens nothing any more, and
// returns how many it was.
func (s *Store) ForgetLinks(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "links", `UPDATE emails SET body = '' WHERE (workspace_id, id) IN (
		SELECT workspace_id, id FROM emails WHERE body <> '' AND next_at IS NULL AND (
			kind = '`+MailPasswordReset+`' AND created_at <= {now} - $1 OR kind = '`+MailMemberInvited+`' AND created_at <= {now} - $2)
		LIMIT $3)`, ResetLife.Microseconds(), InvitationLife.Microseconds(), batch)
}

// RetryEmail makes an e-mail due again after a delay.
func (s *Store) RetryEmail(ctx context.Context, m OutgoingEmail, delay time.Duration) error {
	return s.settleEmail(ctx, m, `next_at = {now} + $3`, delay.Microseconds())
}

// settleEmail changes an e-mail; one that erasure has removed meanwhile is gone.
func (s *Store) settleEmail(ctx context.Context, m OutgoingEmail, change string, args ...any) error {
	err := s.inTx(ctx, func(db connection) error {
		_, err := db.ExecContext(ctx, s.sql(`UPDATE emails SET `+change+` WHERE workspace_id = $1 AND id = $2`),
			append([]any{m.WorkspaceID, m.ID}, args...)...)
		return noun(err)
	})
	if err != nil {
		return fmt.Errorf("settle e-mail %s: %w", m.ID, err)
	}
	return nil
}

// RemoveOldEmails deletes at most batch e-mails that are older than EventAge and wait for nothing, and returns how
// many it was.
func (s *Store) RemoveOldEmails(ctx context.Context, batch int) (removed int64, err error) {
	err = s.inTx(ctx, func(db connection) error {
		done, err := db.ExecContext(ctx, s.sql(`DELETE FROM emails WHERE (workspace_id, id) IN (
			SELECT workspace_id, id FROM emails WHERE created_at <= {now} - $1 AND next_at IS NULL LIMIT $2)`),
			EventAge.Microseconds(), batch)
		if err != nil {
			return noun(err)
		}
		removed, err = done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("remove old e-mails: %w", err)
	}
	return removed, nil
}
