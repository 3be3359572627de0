package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// RotateSecret gives an endpoint a new secret, which is shown this once, and lets the old one sign beside it for
// overlap; 0 ends it now. An endpoint has never more than two: the oldest of an earlier rotation goes. An old secret
// that cannot be opened ends now, too, since it could not sign. ErrNotFound if the endpoint was deleted.
func (tx *Tx) RotateSecret(ctx context.Context, endpointID string, overlap time.Duration) (Endpoint, string, error) {
	if _, err := tx.holdEndpoint(ctx, endpointID); err != nil {
		return Endpoint{}, "", err
	}
	old, err := tx.newestSecret(ctx, endpointID)
	if err != nil {
		return Endpoint{}, "", err
	}
	first := old.number // that stays
	if _, err := tx.store.keyring.openSecret(tx.WorkspaceID(), endpointID, old); err != nil || overlap <= 0 {
		first++
	}
	if _, err := tx.dropSecrets(ctx, endpointID, first); err != nil {
		return Endpoint{}, "", err
	}
	_, err = tx.scope.exec(ctx, `UPDATE webhook_secrets SET expires_at = $3 WHERE workspace_id = $1 AND endpoint_id = $2`,
		endpointID, micros(tx.now.Add(overlap)))
	if err != nil {
		return Endpoint{}, "", fmt.Errorf("let a signing secret expire: %w", err)
	}
	secret, err := tx.addSecret(ctx, endpointID, old.number+1)
	if err != nil {
		return Endpoint{}, "", err
	}
	endpoint, err := tx.touchEndpoint(ctx, endpointID)
	return endpoint, secret, err
}

// RevokeOldSecret ends what is left of an overlap. Without an overlap it changes nothing. ErrNotFound if the endpoint
// was deleted.
func (tx *Tx) RevokeOldSecret(ctx context.Context, endpointID string) (Endpoint, error) {
	endpoint, err := tx.holdEndpoint(ctx, endpointID)
	if err != nil {
		return Endpoint{}, err
	}
	newest, err := tx.newestSecret(ctx, endpointID)
	if err != nil {
		return Endpoint{}, err
	}
	if n, err := tx.dropSecrets(ctx, endpointID, newest.number); err != nil || n == 0 {
		return endpoint, err
	}
	return tx.touchEndpoint(ctx, endpointID)
}

// DueSecrets finds at most limit endpoints whose old secret has expired, over all workspaces, by webhook_secrets_expiry.
// It signs nothing from that moment on; what is left to do is to destroy it.
func (s *Store) DueSecrets(ctx context.Context, limit int) ([]Due, error) {
	list, err := s.due(ctx, `SELECT workspace_id, endpoint_id FROM webhook_secrets
		WHERE expires_at IS NOT NULL AND expires_at <= {now} ORDER BY expires_at LIMIT $1`, limit)
	return list, wrap("find expired signing secrets", err)
}

// ExpireSecret destroys the old secret of an endpoint if it has expired.
func (tx *Tx) ExpireSecret(ctx context.Context, endpointID string) error {
	endpoint, err := tx.holdEndpoint(ctx, endpointID)
	if err != nil || endpoint.OldSecretExpiresAt == nil || endpoint.OldSecretExpiresAt.After(tx.now) {
		return err
	}
	_, err = tx.RevokeOldSecret(ctx, endpointID)
	return err
}

func (tx *Tx) newestSecret(ctx context.Context, endpointID string) (sealedSecret, error) {
	secret, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT number, sealed FROM webhook_secrets WHERE workspace_id = $1 AND endpoint_id = $2
			ORDER BY number DESC LIMIT 1`,
		args: []any{endpointID}, capacity: 1,
	}, func(row *sql.Rows, s *sealedSecret) error { return row.Scan(&s.number, &s.sealed) })
	return secret, wrap("read the signing secret of "+endpointID, err)
}

// dropSecrets destroys the secrets below number and returns how many those were.
func (tx *Tx) dropSecrets(ctx context.Context, endpointID string, number int64) (int64, error) {
	n, err := tx.scope.exec(ctx, `DELETE FROM webhook_secrets WHERE workspace_id = $1 AND endpoint_id = $2 AND number < $3`,
		endpointID, number)
	return n, wrap("destroy an old signing secret", err)
}

func (tx *Tx) touchEndpoint(ctx context.Context, id string) (Endpoint, error) {
	_, err := tx.scope.exec(ctx, `UPDATE webhook_endpoints SET updated_at = $3 WHERE workspace_id = $1 AND id = $2`,
		id, micros(tx.now))
	if err != nil {
		return Endpoint{}, err
	}
	return readEndpoint(ctx, tx.scope, id, "")
}

// lastSecret says by which secret a receiver verifies that looks at the last signature alone.
type lastSecret struct {
	laneKey
	Number int64 `json:"n"`
}

// keepOrder remembers, of attempts whose repeat in the other order succeeded, which secret went last. It is the number
// of the secret and not an order, so that it means nothing once the endpoint has another new secret: what is not there
// or is the old one changes nothing.
func (s *Store) keepOrder(ctx context.Context, db connection, list []Outcome) error {
	latest := map[laneKey]int64{}
	for _, c := range list {
		if c.Reordered && len(c.Claim.numbers) == 2 {
			latest[c.Claim.held().laneKey] = c.Claim.numbers[0]
		}
	}
	if len(latest) == 0 {
		return nil
	}
	changes := make([]lastSecret, 0, len(latest))
	for key, number := range latest {
		changes = append(changes, lastSecret{key, number})
	}
	rows, err := jsonRows(changes)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, s.sql(`UPDATE webhook_endpoints SET last_secret = CAST(value->>'n' AS bigint) FROM {rows $1}
		WHERE webhook_endpoints.workspace_id = value->>'w' AND webhook_endpoints.id = value->>'e'`), rows)
	return noun(err)
}
