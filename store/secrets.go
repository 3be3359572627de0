package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
)

const (
	secretPrefix = "whsec_"
	secretLength = 43 // of base62: 256 bits

	secretsTable = "webhook_secrets"
)

// newSecret is a signing secret as its owner sees it. All of it, the prefix included, is the key of the HMAC.
func newSecret(random io.Reader) (string, error) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	secret := []byte(secretPrefix)
	var one [1]byte
	for len(secret) < len(secretPrefix)+secretLength {
		if _, err := io.ReadFull(random, one[:]); err != nil {
			return "", fmt.Errorf("make a signing secret: %w", err)
		}
		if int(one[0]) < 4*len(alphabet) { // the rest of the 256 would favour some characters
			secret = append(secret, alphabet[int(one[0])%len(alphabet)])
		}
	}
	return string(secret), nil
}

// addSecret gives an endpoint a secret of this number, which is higher than that of any before.
func (tx *Tx) addSecret(ctx context.Context, endpointID string, number int64) (string, error) {
	secret, err := newSecret(tx.store.rand)
	if err != nil {
		return "", err
	}
	place := secretPlace(tx.WorkspaceID(), endpointID, number)
	_, err = tx.scope.exec(ctx, `INSERT INTO webhook_secrets (workspace_id, endpoint_id, number, sealed, created_at)
		VALUES ($1, $2, $3, $4, $5)`, endpointID, number, tx.store.keyring.Seal(place, []byte(secret)), micros(tx.now))
	if err != nil {
		return "", fmt.Errorf("keep a signing secret: %w", err)
	}
	return secret, nil
}

// secretPlace binds a sealed secret to its row: copied to another endpoint it does not open.
func secretPlace(workspaceID, endpointID string, number int64) string {
	return place(secretsTable, workspaceID, endpointID, number)
}

// sealedSecret is a row of webhook_secrets.
type sealedSecret struct {
	number int64
	sealed []byte
}

// openSecret decrypts the secret for the endpoint of a claim.
func (k *Keyring) openSecret(workspaceID, endpointID string, s sealedSecret) (string, error) {
	plain, err := k.Open(secretPlace(workspaceID, endpointID, s.number), s.sealed)
	return string(plain), err
}

// sign adds the next secret that signs the claim's body. If one of two cannot be opened, none is left: signed by the
// other alone the attempt might be refused for good, without any it is made again later.
func (s *Store) sign(ctx context.Context, claim *Claim, sealed sealedSecret) {
	claim.numbers = append(claim.numbers, sealed.number)
	secret, err := s.keyring.openSecret(claim.WorkspaceID, claim.EndpointID, sealed)
	if err != nil {
		s.log.ErrorContext(ctx, "webhook secret cannot be opened", "endpoint", claim.EndpointID, "error", err)
	}
	if err != nil || len(claim.Secrets) != len(claim.numbers)-1 {
		claim.Secrets = nil
		return
	}
	claim.Secrets = append(claim.Secrets, secret)
}

// CurrentSecrets are the secrets that sign for the endpoint of a claim now, in the order in which they sign. They may be
// others than the claim's: it was made before the rotation that its receiver has heard of. None if the endpoint was
// deleted meanwhile or a secret cannot be opened.
func (s *Store) CurrentSecrets(ctx context.Context, claim Claim) ([]string, error) {
	found, err := readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{
		text: s.sql(`SELECT k.number, k.sealed FROM webhook_secrets k
			JOIN webhook_endpoints p ON p.workspace_id = k.workspace_id AND p.id = k.endpoint_id
			WHERE k.workspace_id = $1 AND k.endpoint_id = $2 AND (k.expires_at IS NULL OR k.expires_at > {now})
			ORDER BY CASE WHEN k.number = p.last_secret THEN 1 ELSE 0 END, k.number DESC`),
		args: []any{claim.WorkspaceID, claim.EndpointID},
	}, func(row *sql.Rows, sealed *sealedSecret) error { return row.Scan(&sealed.number, &sealed.sealed) })
	if err != nil {
		return nil, fmt.Errorf("read the secrets of %s: %w", claim.EndpointID, err)
	}
	claim.Secrets, claim.numbers = nil, nil
	for _, sealed := range found {
		s.sign(ctx, &claim, sealed)
	}
	return claim.Secrets, nil
}
