package store_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Whoever steals the database gets no key and no answer that held one.
func TestDatabase_HoldsNoSecretInPlaintext(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, secret := db.NewKey(t, workspace, store.NewKey{Name: "visible name"})
		admitOne(t, db.Store, storetest.Hash(t, secret))
		hidden := "whsec_" + strings.Repeat("s3cr3t", 5)
		storetest.Tx(t, workspace, func(tx *store.Tx) error {
			return tx.KeepAnswer(t.Context(), store.IdempotencyKey{KeyID: key.ID, Key: "k"},
				store.Answer{Status: 201, Body: []byte(`{"data":{"secret":"` + hidden + `"}}`)})
		})
		stored := storedBytes(t, db)
		if !containsText(stored, "visible name") {
			t.Fatal("the dump does not even hold the key's name: this test proves nothing")
		}
		for name, text := range map[string]string{
			"token": secret, "token without its prefix": secret[4:], "token beyond its hint": secret[8:],
			"answer": hidden, "base64 of the answer": "d2hzZWNf",
		} {
			if containsText(stored, text) {
				t.Errorf("the database holds the %s", name)
			}
		}
	})
}

// storedBytes is all that the database keeps: its files with their logs, or a dump as text.
func storedBytes(t *testing.T, db *storetest.DB) []byte {
	t.Helper()
	if db.Dialect() == store.PostgreSQL {
		dump, err := exec.CommandContext(t.Context(), "pg_dump", "--dbname="+db.URL()).Output()
		if err != nil {
			t.Fatal(err)
		}
		return dump
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(filePath(db)), "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}

// containsText also finds text that a dump shows as the hexadecimal digits of a bytea.
func containsText(stored []byte, text string) bool {
	return bytes.Contains(stored, []byte(text)) || bytes.Contains(stored, fmt.Appendf(nil, "%x", text))
}
