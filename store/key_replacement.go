package store

import (
	"context"
	"slices"
	"time"
)

// KeyGraces are how long a key that is replaced may go on being good. 0 ends it at once.
var KeyGraces = []time.Duration{0, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// KeyReplacement says which key gets a sibling, who asks for it, and how long the old one stays good: one of KeyGraces.
type KeyReplacement struct {
	KeyID string
	By    string
	Grace time.Duration
}

// ReplaceKey makes a key with the name, note, scopes and limits of a live one, and returns its secret. The old key ends
// after the grace, or when it would have ended anyway. If it was to end, the new one lives as long as the old one was
// made to live. ErrNotFound for a key of another workspace.
func (tx *Tx) ReplaceKey(ctx context.Context, in KeyReplacement) (Key, string, error) {
	if !slices.Contains(KeyGraces, in.Grace) {
		return Key{}, "", &Invalid{Field: "/grace", Issue: "must be none, 1 hour, 24 hours or 7 days"}
	}
	old, err := tx.FindKey(ctx, in.KeyID)
	if err != nil {
		return Key{}, "", wrap("replace key", err)
	}
	old.AsOf = tx.now
	switch {
	case old.ReplacedBy != "":
		return Key{}, "", &Invalid{Issue: "this key has been replaced already"}
	case !old.Live():
		return Key{}, "", &Invalid{Issue: "this key has ended: make a new one instead"}
	}
	if err := tx.endReplaced(ctx, old.Key, in); err != nil {
		return Key{}, "", err
	}
	made, secret, err := tx.CreateKey(ctx, NewKey{
		Name: old.Name, Note: old.Note, Scopes: old.Scopes, MinuteLimit: old.MinuteLimit, DayLimit: old.DayLimit,
		CreatedBy: in.By, ExpiresAt: sameLife(old.Key, tx.now),
	})
	if err != nil {
		return Key{}, "", err
	}
	_, err = tx.scope.exec(ctx, `UPDATE api_keys SET replaced_by = $3 WHERE workspace_id = $1 AND id = $2`, old.ID, made.ID)
	return made, secret, wrap("replace key", err)
}

// sameLife is when a key ends that is made now to live as long as this one; nil if it never ends.
func sameLife(key Key, now time.Time) *time.Time {
	if key.ExpiresAt == nil {
		return nil
	}
	ends := now.Add(key.ExpiresAt.Sub(key.CreatedAt))
	return &ends
}

// endReplaced ends a key after the grace. Without any it is revoked, since an expiry is judged by a clock, and one that
// was set back would let the key in again. It comes before the new key is made, so that a key which ends at once
// makes room for it.
func (tx *Tx) endReplaced(ctx context.Context, old Key, in KeyReplacement) error {
	if in.Grace == 0 {
		return tx.RevokeKey(ctx, old.ID, in.By)
	}
	ends := tx.now.Add(in.Grace)
	if old.ExpiresAt != nil && old.ExpiresAt.Before(ends) {
		return nil
	}
	_, err := tx.scope.exec(ctx, `UPDATE api_keys SET expires_at = $3 WHERE workspace_id = $1 AND id = $2`, old.ID, micros(ends))
	return wrap("end key", err)
}
