package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	formsTable = "forms"
	// SecretAge is how long a secret waits to be shown.
	SecretAge = 10 * time.Minute
	// FormAge is how long a form that has had its effect has none again: as long as the longest session.
	FormAge = SessionLife
)

// maxFormID is the longest id of a form, in bytes: those of the dashboard are shorter.
const maxFormID = 64

// ClaimForm makes a form the Tx's own, in the transaction of its effect: both are committed, or neither. fresh is false
// if it has had its effect before, on targetID: it was submitted twice.
func (tx *Tx) ClaimForm(ctx context.Context, form, sessionID string) (targetID string, fresh bool, err error) {
	if form == "" || len(form) > maxFormID || clip(form, maxFormID) != form {
		return "", false, &Invalid{Field: "/form", Issue: "is missing: open the page again"}
	}
	n, err := tx.scope.exec(ctx, `INSERT INTO forms (workspace_id, form, session_id, created_at, target_id)
		VALUES ($1, $2, $3, $4, '') ON CONFLICT (workspace_id, form) DO NOTHING`, form, sessionID, micros(tx.now))
	if err != nil {
		return "", false, fmt.Errorf("claim a form: %w", err)
	}
	if n > 0 {
		return "", true, nil
	}
	claimed, err := tx.claimedForm(ctx, form)
	return claimed.targetID, false, err
}

// formRow is a form that was claimed.
type formRow struct {
	workspaceID, form, sessionID, targetID string

	sealed []byte
}

func (tx *Tx) claimedForm(ctx context.Context, form string) (formRow, error) {
	row, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT session_id, target_id FROM forms WHERE workspace_id = $1 AND form = $2`, args: []any{form},
	}, func(row *sql.Rows, f *formRow) error { return row.Scan(&f.sessionID, &f.targetID) })
	row.workspaceID, row.form = tx.WorkspaceID(), form
	return row, wrap("find a form", err)
}

// FinishForm says on what a claimed form has had its effect. A secret that came of it is kept, encrypted, to be shown
// once to the session that claimed the form: see TakeSecret. An empty secret is none.
func (tx *Tx) FinishForm(ctx context.Context, form, targetID, secret string) error {
	claimed, err := tx.claimedForm(ctx, form)
	if err != nil {
		return err
	}
	var sealed []byte
	if secret != "" {
		sealed = tx.store.keyring.Seal(claimed.place(), []byte(secret))
	}
	n, err := tx.scope.exec(ctx, `UPDATE forms SET target_id = $3, sealed = $4 WHERE workspace_id = $1 AND form = $2`,
		form, targetID, sealed)
	return wrap("finish a form", affected(int(n), err))
}

// place binds a sealed secret to the form and to the session: in another row it does not open.
func (f formRow) place() string { return place(formsTable, f.workspaceID, f.form, f.sessionID) }

// TakeSecret is the secret that the newest form of a session left for a target, and the last that anybody sees of it.
// ErrNotFound if it was taken before, by whichever tab, or has waited for SecretAge.
func (s *Store) TakeSecret(ctx context.Context, sessionID, targetID string) (secret string, err error) {
	err = s.inTx(ctx, func(db connection) error {
		found, err := readAll(ctx, db, sqlQuery{
			text: s.sql(`SELECT workspace_id, form, session_id, sealed FROM forms
				WHERE session_id = $1 AND target_id = $2 AND sealed IS NOT NULL AND created_at > {now} - $3
				ORDER BY created_at DESC, form {lock}`),
			args: []any{sessionID, targetID, SecretAge.Microseconds()},
		}, func(row *sql.Rows, f *formRow) error {
			return row.Scan(&f.workspaceID, &f.form, &f.sessionID, &f.sealed)
		})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNotFound
		}
		_, err = db.ExecContext(ctx, `UPDATE forms SET sealed = NULL
			WHERE session_id = $1 AND target_id = $2 AND sealed IS NOT NULL`, sessionID, targetID)
		if err != nil {
			return noun(err)
		}
		plain, err := s.keyring.Open(found[0].place(), found[0].sealed)
		secret = string(plain)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return "", ErrNotFound
	}
	return secret, wrap("take a secret", err)
}

// ForgetSecrets deletes at most batch secrets that nobody has asked for in time, and returns how many it was.
func (s *Store) ForgetSecrets(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "secrets", `UPDATE forms SET sealed = NULL WHERE (workspace_id, form) IN (
		SELECT workspace_id, form FROM forms WHERE sealed IS NOT NULL AND created_at <= {now} - $1 LIMIT $2)`,
		SecretAge.Microseconds(), batch)
}

// RemoveOldForms deletes at most batch forms that nobody can submit again, and returns how many it was.
func (s *Store) RemoveOldForms(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "forms", `DELETE FROM forms WHERE (workspace_id, form) IN (
		SELECT workspace_id, form FROM forms WHERE created_at <= {now} - $1 LIMIT $2)`, FormAge.Microseconds(), batch)
}
