package storetest

import (
	"testing"

	"github.com/thebigclass/api/store"
)

// AllScopes are enough for every call: a test that is not about scopes uses them.
var AllScopes = []string{
	"read:courses", "read:students", "write:students", "read:orders", "write:enrollments", "read:analytics",
}

// NewWorkspace makes a workspace in Berlin that counts in euros.
func (db *DB) NewWorkspace(tb testing.TB) *store.Workspace {
	tb.Helper()
	info, err := db.CreateWorkspace(tb.Context(), store.NewWorkspace{
		Name: "Test School", TimeZone: "Europe/Berlin", Currency: "EUR", OwnerEmail: "owner@example.com",
	})
	if err != nil {
		tb.Fatal(err)
	}
	return db.Workspace(info.ID)
}

// NewKey makes a key with the attributes that matter to the test; a name and all scopes if it has none.
func (db *DB) NewKey(tb testing.TB, workspace *store.Workspace, in store.NewKey) (key store.Key, secret string) {
	tb.Helper()
	if in.Name == "" {
		in.Name = "Test key"
	}
	if len(in.Scopes) == 0 {
		in.Scopes = AllScopes
	}
	Tx(tb, workspace, func(tx *store.Tx) (err error) {
		key, secret, err = tx.CreateKey(tb.Context(), in)
		return err
	})
	return key, secret
}

// Tx runs do in a transaction that must succeed.
func Tx(tb testing.TB, workspace *store.Workspace, do func(tx *store.Tx) error) {
	tb.Helper()
	if err := workspace.Tx(tb.Context(), do); err != nil {
		tb.Fatal(err)
	}
}

// Hash is what a presented secret is admitted by.
func Hash(tb testing.TB, secret string) [32]byte {
	tb.Helper()
	hash, ok := store.ParseToken(secret)
	if !ok {
		tb.Fatal("the secret is not a token")
	}
	return hash
}
