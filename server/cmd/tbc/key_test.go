package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
)

// Who looks for where a key came from, and for who ended it, finds the command line in the audit log, once each.
func TestKey_MakingAndRevokingAreInTheAuditLog(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	workspace := s.workspace()
	secret, _ := s.tbc(exitDone, "key", "create", "--workspace", workspace, "--name", "N", "--scope", "read:courses")
	var id string
	s.opened(func(db *store.Store) {
		keys, err := db.Workspace(workspace).Keys(t.Context())
		if err != nil || len(keys) != 1 {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		id = keys[0].ID
	})
	for range 2 { // the second time changes nothing
		s.tbc(exitDone, "key", "revoke", "--workspace", workspace, id)
	}
	s.opened(func(db *store.Store) {
		page, err := db.Workspace(workspace).AuditLog(t.Context(), store.AuditQuery{Actor: store.CommandLine, TargetID: id})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, line := range page.Items {
			got = append(got, line.Action+" "+line.Detail["hint"])
			if strings.Contains(line.Detail["scopes"], strings.TrimSpace(secret)) {
				t.Error("the secret is in the log")
			}
		}
		hint := secret[:strings.Index(secret, "_")]
		if len(got) != 2 || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) || !strings.HasPrefix(got[0], "key.revoked "+hint) || !strings.HasPrefix(got[1], "key.created "+hint) {
			t.Errorf("the log says %v", got)
		}
	})
}
