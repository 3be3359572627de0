package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Refresh tokens replace each other. The last one outlives a restart, and an access token that ends early is renewed at once.
func TestBookkeeping_TokensFollowEachOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.paid(0, order())
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.Stop()
	o.Advance(2 * time.Hour)
	o.Start()
	o.refunded(1, order(1))
	o.WantStatus("2 done, 0 waiting, 0 failed")
	file := filepath.Join(o.Folder, "quickbooks.json")
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"access-2"`) {
		t.Errorf("after two hours there is no second token: %v", err)
	}
	o.rewrite(file, "access", "access-0")
	o.refunded(2, order(1, 2))
	o.WantStatus("3 done, 0 waiting, 0 failed")
	o.wantNumbers("ORD-1042", "ORD-1042-R1", "ORD-1042-R2")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the tokens' mode is %v, %v", info.Mode(), err)
	}
}

// An access that was taken back waits for a person, who learns no token, and whose new token is used.
func TestBookkeeping_ALostAccessWaitsForAPerson(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.paid(0, order())
	o.WantStatus("1 done, 0 waiting, 0 failed")
	file := filepath.Join(o.Folder, "quickbooks.json")
	o.rewrite(file, "access", "access-0")
	o.rewrite(file, "refresh", "refresh-0")
	o.refunded(1, order(1))
	o.WantProblem("authorise the app again and set QUICKBOOKS_REFRESH_TOKEN")
	printed, _ := o.Run("status")
	if strings.Contains(printed, "refresh-0") || strings.Contains(printed, "app-secret") {
		t.Errorf("status prints %s", printed)
	}
	o.Stop()
	o.Env["QUICKBOOKS_REFRESH_TOKEN"] = "refresh-1"
	o.Start()
	o.Run("retry")
	o.WantStatus("2 done, 0 waiting, 0 failed")
	o.wantNumbers("ORD-1042", "ORD-1042-R1")
}

// rewrite changes a member of a file of JSON.
func (o *office) rewrite(path, member, value string) {
	o.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		o.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		o.Fatal(err)
	}
	all[member] = value
	if text, err = json.Marshal(all); err != nil {
		o.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		o.Fatal(err)
	}
}
