package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// InvitationLife is how long an invitation may be accepted: a week, since whoever is invited did not ask for it and may
// be away. Until then the inviter sees it, may take it back, and the link opens nothing but the workspace it names.
const InvitationLife = 7 * 24 * time.Hour

// MaxMembers is the most people a workspace may have, open invitations included.
const MaxMembers = 200

const prefixInvitation = "inv_"

// NewInvitation is whom to invite, as what.
type NewInvitation struct {
	Email     string
	Role      string
	InvitedBy string // id of a person
}

// Invitation is one that was not accepted yet. Its token is only in the mail.
type Invitation struct {
	ID            string
	WorkspaceID   string
	WorkspaceName string
	Email         string
	Role          string
	InvitedBy     string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	HasPassword   bool // whether the invited person has a password already, from another workspace
}

// Invite invites a person and returns the token for the link, which cannot be had again. An invitation to the same
// address is replaced, as often as one may guess. Mail it in the same Tx.
func (tx *Tx) Invite(ctx context.Context, in NewInvitation) (Invitation, string, error) {
	in.Email = strings.TrimSpace(in.Email)
	if err := tx.checkInvitation(ctx, in); err != nil {
		return Invitation{}, "", err
	}
	if err := tx.boundInvitations(ctx, in.Email); err != nil {
		return Invitation{}, "", err
	}
	token, hash, err := newSecretToken(tx.store.rand)
	if err != nil {
		return Invitation{}, "", err
	}
	id, err := tx.newID(prefixInvitation)
	if err != nil {
		return Invitation{}, "", err
	}
	_, err = tx.scope.exec(ctx, `DELETE FROM invitations WHERE workspace_id = $1 AND email_folded = $2`, fold(in.Email))
	if err != nil {
		return Invitation{}, "", fmt.Errorf("replace an invitation: %w", err)
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO invitations (workspace_id, id, token_hash, email, email_folded, role, invited_by,
			created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, hash, in.Email, fold(in.Email), in.Role, in.InvitedBy, micros(tx.now), micros(tx.now.Add(InvitationLife)))
	if err != nil {
		return Invitation{}, "", fmt.Errorf("invite: %w", err)
	}
	made, err := scanOne(ctx, tx.scope, sqlQuery{
		text: invitationColumns + ` WHERE i.workspace_id = $1 AND i.id = $2`, args: []any{id},
	}, scanInvitation)
	return made, token, wrap("read an invitation", err)
}

func (tx *Tx) checkInvitation(ctx context.Context, in NewInvitation) error {
	if err := knownRole(in.Role); err != nil {
		return err
	}
	if !plausibleEmail(in.Email) {
		return &Invalid{Field: "/email", Issue: "must be an e-mail address"}
	}
	counts, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT (SELECT count(*) FROM workspace_members WHERE workspace_id = $1)
				+ (SELECT count(*) FROM invitations WHERE workspace_id = $1 AND email_folded <> $2),
			(SELECT count(*) FROM workspace_members m JOIN users u ON u.id = m.user_id
				WHERE m.workspace_id = $1 AND u.email_folded = $2)`,
		args: []any{fold(in.Email)},
	}, func(row *sql.Rows, n *[2]int) error { return row.Scan(whole(&n[0]), whole(&n[1])) })
	switch {
	case err != nil:
		return fmt.Errorf("count members: %w", err)
	case counts[1] > 0:
		return &Invalid{Field: "/email", Issue: "is a member already"}
	case counts[0] >= MaxMembers:
		return &Invalid{Field: "", Issue: fmt.Sprintf("the workspace has %d people, open invitations included: remove one first", counts[0])}
	}
	return nil
}

// boundInvitations keeps one address from being written to again and again: it may be of somebody who wants none of it.
func (tx *Tx) boundInvitations(ctx context.Context, email string) error {
	db, ok := tx.scope.db.Statement.ConnPool.(connection)
	if !ok {
		return errors.New("a Tx has no connection")
	}
	sent, err := tx.store.takeGuess(ctx, db, []Subject{invitationSubject(tx.WorkspaceID(), email)})
	if err == nil && sent.Wait > 0 {
		minutes := int((sent.Wait + time.Minute - 1) / time.Minute)
		return &Invalid{Field: "/email", Issue: fmt.Sprintf("was invited often: wait %d min", minutes)}
	}
	return wrap("count an invitation", err)
}

// plausibleEmail is what the contract says of an address: at most 254 characters, with one @ between two others.
func plausibleEmail(email string) bool {
	name, host, ok := strings.Cut(email, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(host, "@") && utf8.RuneCountInString(email) <= 254 &&
		!strings.ContainsAny(email, " \t\r\n,;<>\"") && clip(email, maxEmailBytes) == email
}

const invitationColumns = `SELECT i.id, i.workspace_id, w.name, i.email, i.role, i.invited_by, i.created_at, i.expires_at,
		EXISTS (SELECT 1 FROM users u WHERE u.email_folded = i.email_folded AND u.password_hash <> '')
	FROM invitations i JOIN workspaces w ON w.id = i.workspace_id`

func scanInvitation(row *sql.Rows, i *Invitation) error {
	return row.Scan(&i.ID, &i.WorkspaceID, &i.WorkspaceName, &i.Email, &i.Role, &i.InvitedBy, at(&i.CreatedAt), at(&i.ExpiresAt),
		&i.HasPassword)
}

// Invitations are those that may still be accepted, newest first, MaxMembers at most.
func (w *Workspace) Invitations(ctx context.Context) ([]Invitation, error) {
	list, err := scanAll(ctx, w.scope, sqlQuery{
		text: w.store.sql(invitationColumns + ` WHERE i.workspace_id = $1 AND i.expires_at > {now}
			ORDER BY i.created_at DESC, i.id DESC LIMIT $2`), args: []any{MaxMembers},
	}, scanInvitation)
	return list, wrap("list invitations", err)
}

// InvitationTo is the open one of an id or of an e-mail address, as the Tx sees it. ErrNotFound if there is none.
func (tx *Tx) InvitationTo(ctx context.Context, idOrEmail string) (Invitation, error) {
	found, err := scanOne(ctx, tx.scope, sqlQuery{
		text: invitationColumns + ` WHERE i.workspace_id = $1 AND (i.id = $2 OR i.email_folded = $3) AND i.expires_at > $4`,
		args: []any{idOrEmail, fold(clip(idOrEmail, maxEmailBytes)), micros(tx.now)},
	}, scanInvitation)
	return found, wrap("find an invitation", err)
}

// withdrawInvitationsBy takes back what a person has invited.
func (tx *Tx) withdrawInvitationsBy(ctx context.Context, userID string) error {
	_, err := tx.scope.exec(ctx, `DELETE FROM invitations WHERE workspace_id = $1 AND invited_by = $2`, userID)
	return wrap("withdraw the invitations of "+userID, err)
}

// WithdrawInvitation takes an invitation back: its link opens nothing from now on. ErrNotFound if it is not there (any
// more).
func (tx *Tx) WithdrawInvitation(ctx context.Context, id string) error {
	n, err := tx.scope.exec(ctx, `DELETE FROM invitations WHERE workspace_id = $1 AND id = $2`, id)
	return wrap("withdraw an invitation", affected(int(n), err))
}

// Invitation is the one whose link holds the token. ErrNotFound if it is unknown, was accepted, withdrawn or replaced,
// or is over: nobody learns which.
func (s *Store) Invitation(ctx context.Context, token string) (Invitation, error) {
	hash, ok := hashSecretToken(token)
	if !ok {
		return Invitation{}, ErrNotFound
	}
	return only(readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{
		text: s.sql(invitationColumns + ` WHERE i.token_hash = $1 AND i.expires_at > {now}`), args: []any{hash},
	}, scanInvitation))
}

// AcceptInvitation makes whoever holds the token a member, once, and returns their id. The hash is their password if they
// have none yet; one that they have stays. ErrNotFound as for Invitation, and in the Tx of another workspace.
func (tx *Tx) AcceptInvitation(ctx context.Context, token, passwordHash string) (userID string, err error) {
	hash, ok := hashSecretToken(token)
	if !ok {
		return "", ErrNotFound
	}
	found, err := scanOne(ctx, tx.scope, sqlQuery{
		text: invitationColumns + ` WHERE i.workspace_id = $1 AND i.token_hash = $2 AND i.expires_at > $3`,
		args: []any{hash, micros(tx.now)},
	}, scanInvitation)
	if err != nil {
		return "", fmt.Errorf("find an invitation: %w", err)
	}
	if passwordHash == "" && !found.HasPassword {
		return "", &Invalid{Field: "/password", Issue: "is needed"}
	}
	if err := tx.WithdrawInvitation(ctx, found.ID); err != nil {
		return "", err
	}
	if userID, err = tx.person(ctx, found.Email, passwordHash); err != nil {
		return "", err
	}
	return userID, tx.addMember(ctx, userID, found.Role)
}

// RemoveOldInvitations deletes at most batch invitations that nobody accepted in time, and returns how many it was.
func (s *Store) RemoveOldInvitations(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "invitations", `DELETE FROM invitations WHERE (workspace_id, id) IN (
		SELECT workspace_id, id FROM invitations WHERE expires_at <= {now} LIMIT $1)`, batch)
}
