package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// MeKey is what a key may know about itself: nothing of its secret.
func MeKey(k store.Key) gen.MeKey {
	return gen.MeKey{ID: k.ID, Name: k.Name, Scopes: list(k.Scopes), ExpiresAt: utcOrNull(k.ExpiresAt)}
}

// MeWorkspace is the workspace of the calling key.
func MeWorkspace(w store.WorkspaceInfo) gen.MeWorkspace {
	return gen.MeWorkspace{ID: w.ID, Name: w.Name, TimeZone: w.TimeZone, Currency: w.Currency}
}
