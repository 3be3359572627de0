package main

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
)

// endpoint makes a webhook endpoint in the shell's database, sealed under the keys.
func (s *shell) endpoint(workspaceID, keys string) (id string) {
	s.Helper()
	ring, err := store.ParseKeyring(keys)
	if err != nil {
		s.Fatal(err)
	}
	opened, err := store.Open(s.Context(), store.Config{URL: s.env["DATABASE_URL"], Keyring: ring, Now: time.Now}) //nolint:forbidigo // the command line as it runs
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	err = opened.Workspace(workspaceID).Tx(s.Context(), func(tx *store.Tx) error {
		endpoint, _, err := tx.CreateEndpoint(s.Context(), store.NewEndpoint{URL: "https://example.com", Events: []string{"*"}})
		id = endpoint.ID
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// The steps of the command's help, and what it says when one was forgotten.
func TestRekey_ChangesTheMasterKey(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	old, fresh := store.NewMasterKey(rand.Reader), "2026:"+store.NewMasterKey(rand.Reader)
	s.env["TBC_MASTER_KEY"] = old
	workspace := s.workspace()
	endpoint := s.endpoint(workspace, old)
	s.env["TBC_MASTER_KEY"] = fresh
	if out, complaint := s.tbc(exitFailed, "rekey"); out != "" || !strings.Contains(complaint, endpoint) || !strings.Contains(complaint, "TBC_MASTER_KEY") {
		t.Errorf("without the old key it prints %q and complains %q", out, complaint)
	}
	s.env["TBC_MASTER_KEY"] = fresh + "," + old
	out, progress := s.tbc(exitDone, "rekey")
	if !strings.HasPrefix(out, "re-encrypted 1 values") || progress != "re-encrypted 1 of 1\n" {
		t.Errorf("it prints %q, progress %q", out, progress)
	}
	s.env["TBC_MASTER_KEY"] = fresh
	if out, progress := s.tbc(exitDone, "rekey"); !strings.HasPrefix(out, "re-encrypted 0 values") || progress != "" {
		t.Errorf("with nothing to do it prints %q, progress %q", out, progress)
	}
	s.env["TBC_ENV"], s.env["TBC_MASTER_KEY"] = "production", ""
	for _, command := range []string{"rekey", "serve"} {
		if _, complaint := s.tbc(exitFailed, command); !strings.Contains(complaint, "TBC_MASTER_KEY is required") {
			t.Errorf("tbc %s without a key complains %q", command, complaint)
		}
	}
}
