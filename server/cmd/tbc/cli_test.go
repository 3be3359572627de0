package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shell runs tbc against a SQLite database of the test's own.
type shell struct {
	*testing.T
	dir   string
	env   map[string]string
	stdin string
}

func newShell(t *testing.T) *shell {
	dir := t.TempDir()
	return &shell{T: t, dir: dir, env: map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(dir, "data", "tbc.db"), "TBC_LOG_LEVEL": "warn"}}
}

// tbc runs one command line and returns what it printed.
func (s *shell) tbc(want int, args ...string) (stdout, stderr string) {
	s.Helper()
	return s.within(s.Context(), want, args...)
}

func (s *shell) within(ctx context.Context, want int, args ...string) (stdout, stderr string) {
	s.Helper()
	var out, complaints bytes.Buffer
	code := run(ctx, append([]string{"tbc"}, args...), system{
		lookup: func(name string) (string, bool) { value, ok := s.env[name]; return value, ok },
		stdin:  strings.NewReader(s.stdin), stdout: &out, stderr: &complaints, now: time.Now, random: rand.Reader, //nolint:forbidigo // the command line as it runs
	})
	if code != want {
		s.Fatalf("tbc %s ended with %d, want %d: %s", strings.Join(args, " "), code, want, complaints.String())
	}
	return out.String(), complaints.String()
}

func (s *shell) workspace() string {
	s.Helper()
	id, _ := s.tbc(exitDone, "workspace", "create", "--name", "School", "--time-zone", "Europe/Berlin", "--currency", "EUR", "--owner-email", "owner@example.com")
	return strings.TrimSpace(id)
}

func TestCLI_WrongUsageIs2InOneLine(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for _, args := range [][]string{
		{}, {"nothing"}, {"serve", "x"}, {"serve", "--fast"}, {"key"}, {"key", "create"}, {"key", "create", "--workspace", "org_x"}, {"key", "revoke", "--workspace", "org_x"},
		{"key", "create", "--workspace", "org_x", "--name", "N", "--scope", "read:everything"}, {"key", "create", "--workspace", "org_x", "--name", "N", "--scope", "read:courses", "--expires", "soon"},
		{"workspace", "create", "--name", "N"}, {"workspace", "create", "--name", "N", "--time-zone", "Mars/Olympus", "--currency", "EUR", "--owner-email", "o@example.com"},
		{"user"}, {"user", "password"}, {"user", "password", "--email", "owner@example.com", "extra"},
		{"backup"}, {"seed", "--profile", "none"}, {"seed", "--profile", "load", "--workspaces", "0"}, {"key", "list", "--workspace", ""},
	} {
		out, complaint := s.tbc(exitUsage, args...)
		if out != "" || strings.Count(complaint, "\n") != 1 || !strings.HasPrefix(complaint, "tbc: ") || !strings.Contains(complaint, "--help") {
			t.Errorf("tbc %s prints %q and complains %q", strings.Join(args, " "), out, complaint)
		}
	}
}

func TestCLI_FailuresAre1InOneLine(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.workspace()
	for _, args := range [][]string{
		{"key", "list", "--workspace", "org_x"}, {"key", "revoke", "--workspace", "org_x", "key_x"}, {"key", "create", "--workspace", "org_x", "--name", "N", "--scope", "read:courses"},
		{"rebuild", "--workspace", "org_x"}, {"user", "password", "--email", "nobody@example.com", "--generate"},
	} {
		if _, complaint := s.tbc(exitFailed, args...); strings.Count(complaint, "\n") != 1 {
			t.Errorf("tbc %s complains %q", strings.Join(args, " "), complaint)
		}
	}
	s.env["TBC_ENV"], s.env["TBC_ADDR"] = "staging", "nowhere"
	if _, complaint := s.tbc(exitFailed, "migrate"); strings.Count(complaint, "\n") != 1 || !strings.Contains(complaint, "TBC_ENV") || !strings.Contains(complaint, "TBC_ADDR") {
		t.Errorf("faults of the configuration: %q", complaint)
	}
}

func TestCLI_EveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for _, command := range []string{"", "serve", "migrate", "workspace", "workspace create", "workspace list", "rebuild", "backup", "rekey", "seed", "key", "key create", "key list", "key revoke", "user", "user password", "docs", "version"} {
		help, _ := s.tbc(exitDone, append(strings.Fields(command), "--help")...)
		if !strings.Contains(help, "Usage:") {
			t.Errorf("tbc %s --help prints %q", command, help)
		}
	}
}

// Scripts rely on these names.
func TestCLI_JSONHasThePublishedShape(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	id := s.workspace()
	read := func(text string) map[string]any {
		var value map[string]any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return value
	}
	out, _ := s.tbc(exitDone, "key", "create", "--workspace", id, "--name", "N", "--scope", "read:courses,read:orders", "--scope", "read:students", "--expires", "90d", "--rate-minute", "7", "--rate-day", "70", "--json")
	key := read(out)
	for name, want := range map[string]any{"workspaceId": id, "name": "N", "minuteLimit": 7.0, "dayLimit": 70.0} {
		if key[name] != want {
			t.Errorf("%s is %v, want %v", name, key[name], want)
		}
	}
	secret, _ := key["secret"].(string)
	if len(secret) != 40 || len(key["scopes"].([]any)) != 3 || key["expiresAt"] == nil {
		t.Errorf("the key is %v", key)
	}
	listed, _ := s.tbc(exitDone, "key", "list", "--workspace", id, "--json")
	if strings.Contains(listed, secret) || !strings.Contains(listed, key["id"].(string)) {
		t.Errorf("the list is %s", listed)
	}
	s.tbc(exitDone, "key", "revoke", "--workspace", id, key["id"].(string))
	if table, _ := s.tbc(exitDone, "key", "list", "--workspace", id); !strings.Contains(table, "revoked") {
		t.Errorf("the key is not shown as revoked:\n%s", table)
	}
	out, _ = s.tbc(exitDone, "seed", "--json")
	demo := read(out)
	if demo["workspaceId"] == nil || demo["apiKey"] == nil || demo["login"].(map[string]any)["email"] == nil || demo["login"].(map[string]any)["password"] == nil {
		t.Errorf("seed --json prints %s", out)
	}
	out, _ = s.tbc(exitDone, "seed", "--profile", "load", "--workspaces", "2", "--students", "10", "--courses", "4", "--orders", "10", "--json")
	if load := read(out); load["workspaceId"] == nil || load["apiKey"] == nil || load["login"].(map[string]any)["password"] == nil {
		t.Errorf("seed --profile load --json prints %s", out)
	}
	s.tbc(exitDone, "rebuild")
	s.tbc(exitDone, "backup", filepath.Join(s.dir, "backup"))
	if version, _ := s.tbc(exitDone, "version"); !strings.HasPrefix(version, "tbc ") {
		t.Errorf("version prints %q", version)
	}
}

func TestMasterKey_IsMadeOnceForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.tbc(exitDone, "migrate")
	path := filepath.Join(s.dir, "data", masterKeyFile)
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	s.tbc(exitDone, "migrate")
	if second, err := os.ReadFile(path); err != nil || !bytes.Equal(first, second) {
		t.Errorf("the key changed: %v", err)
	}
}

func TestProduction_RefusesAnOldSchemaAndNamesTheCommand(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.env["TBC_ENV"], s.env["TBC_MASTER_KEY"], s.env["TBC_ADDR"] = "production", strings.Repeat("A", 43)+"=", "127.0.0.1:0"
	for _, command := range []string{"serve", "rebuild"} {
		if _, complaint := s.tbc(exitFailed, command); !strings.Contains(complaint, "tbc migrate") {
			t.Errorf("tbc %s complains %q", command, complaint)
		}
	}
	s.tbc(exitDone, "migrate")
	s.tbc(exitDone, "rebuild")
}

// The key must be shown once and only once, and a later start must say how to get another.
func TestServe_ShowsTheDemoKeyOnTheFirstStartAlone(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.env["TBC_ADDR"] = "127.0.0.1:0"
	stopped, cancel := context.WithCancel(t.Context())
	stopping := &stopAfterBanner{cancel: cancel}
	first := s.serveWith(stopped, stopping)
	if !strings.Contains(first, "curl http://127.0.0.1:") || !strings.Contains(first, "Bearer tbc_") || !strings.Contains(first, "e-mail    meera@nritya.example\n  password  ") {
		t.Errorf("the first start prints %q", first)
	}
	stopped, cancel = context.WithCancel(t.Context())
	again := s.serveWith(stopped, &stopAfterBanner{cancel: cancel})
	if strings.Contains(again, "tbc_") || !strings.Contains(again, "is kept") || !strings.Contains(again, "tbc key create --workspace org_") || !strings.Contains(again, "tbc user password --email meera@nritya.example --generate") {
		t.Errorf("the second start prints %q", again)
	}
}

// stopAfterBanner collects standard output and asks the server to stop once the banner is out.
type stopAfterBanner struct {
	out    strings.Builder
	cancel context.CancelFunc
}

// Write implements io.Writer.
func (w *stopAfterBanner) Write(p []byte) (int, error) {
	w.cancel()
	return w.out.Write(p)
}

func (s *shell) serveWith(ctx context.Context, out *stopAfterBanner) string {
	s.Helper()
	var complaints bytes.Buffer
	code := run(ctx, []string{"tbc", "serve"}, system{
		lookup: func(name string) (string, bool) { value, ok := s.env[name]; return value, ok },
		stdout: out, stderr: &complaints, now: time.Now, random: rand.Reader, //nolint:forbidigo // the command line as it runs
	})
	if code != exitDone {
		s.Fatalf("tbc serve ended with %d: %s", code, complaints.String())
	}
	return out.out.String()
}
