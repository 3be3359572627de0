package payload

import (
	"slices"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// MeKey is what a key may know about itself: nothing of its secret. Scopes are in alphabetical order, in whichever the
// key was given them.
func MeKey(k store.Key) gen.MeKey {
	return gen.MeKey{ID: k.ID, Name: k.Name, Scopes: list(slices.Sorted(slices.Values(k.Scopes))), ExpiresAt: utcOrNull(k.ExpiresAt)}
}

// MeWorkspace is the workspace of the calling key.
func MeWorkspace(w store.WorkspaceInfo) gen.MeWorkspace {
	return gen.MeWorkspace{ID: w.ID, Name: w.Name, TimeZone: w.TimeZone, Currency: w.Currency}
}
