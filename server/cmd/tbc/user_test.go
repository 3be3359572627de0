package main

import (
	"crypto/rand"
	"encoding/json"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

// wantPassword checks what is stored for the owner.
func (s *shell) wantPassword(text string) {
	s.Helper()
	s.opened(func(db *store.Store) {
		found, err := db.Credentials(s.Context(), "owner@example.com")
		if err != nil {
			s.Fatal(err)
		}
		right, err := password.New().Verify(s.Context(), found.PasswordHash, text)
		if err != nil || !right {
			s.Errorf("the password is not %q: %v", text, err)
		}
	})
}

// opened is the database as a program of the test's own sees it.
func (s *shell) opened(look func(db *store.Store)) {
	s.Helper()
	p := &program{system: system{
		lookup: func(name string) (string, bool) { value, ok := s.env[name]; return value, ok },
		stderr: s.Output(), now: time.Now, random: rand.Reader, //nolint:forbidigo // as the command line runs
	}}
	db, err := p.open(s.Context(), false)
	if err != nil {
		s.Fatal(err)
	}
	defer db.Close()
	look(db.Store)
}

// An operator gives an owner a password: a generated one is shown once, one of their own comes from standard input and is
// neither printed nor taken when it is bad.
func TestUserPassword_GeneratedOrFromStandardInput(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.workspace()
	made, complaint := s.tbc(exitDone, "user", "password", "--email", "OWNER@example.com", "--generate")
	if strings.Count(made, "\n") != 1 || complaint != "" {
		t.Errorf("prints %q and complains %q", made, complaint)
	}
	s.wantPassword(strings.TrimSpace(made))
	s.stdin = "wheel under seven moons\r\nmore\n"
	if out, complaint := s.tbc(exitDone, "user", "password", "--email", "owner@example.com"); out != "" || complaint != "" {
		t.Errorf("prints %q and complains %q", out, complaint)
	}
	s.wantPassword("wheel under seven moons")
	for _, bad := range []string{"", "short\n", "password1234\n"} {
		s.stdin = bad
		if _, complaint := s.tbc(exitUsage, "user", "password", "--email", "owner@example.com"); !strings.Contains(complaint, "password must") && !strings.Contains(complaint, "password is") {
			t.Errorf("%q: %q", bad, complaint)
		}
	}
	s.wantPassword("wheel under seven moons")
}

// A new owner gets in by a link, once; an owner who has a password needs none.
func TestWorkspaceCreate_SaysHowItsOwnerGetsIn(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.env["TBC_BASE_URL"] = "https://api.example.com"
	create := []string{"workspace", "create", "--name", "N", "--time-zone", "UTC", "--currency", "EUR", "--owner-email", "owner@example.com"}
	id, told := s.tbc(exitDone, create...)
	if !strings.HasPrefix(id, "org_") || strings.Count(id, "\n") != 1 || !strings.Contains(told, "https://api.example.com/dashboard/reset/") {
		t.Errorf("prints %q and says %q", id, told)
	}
	var made struct{ ID, PasswordLink string }
	out, _ := s.tbc(exitDone, append(create, "--json")...)
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.ID == "" {
		t.Fatal(out, err)
	}
	link, err := url.Parse(made.PasswordLink)
	if err != nil {
		t.Fatal(err)
	}
	s.opened(func(db *store.Store) {
		if _, err := db.UseReset(t.Context(), path.Base(link.Path), "hash"); err != nil {
			t.Error(err)
		}
	})
	out, _ = s.tbc(exitDone, append(create, "--json")...)
	if !strings.Contains(out, `"passwordLink": null`) {
		t.Errorf("an owner with a password: %s", out)
	}
}

// The printed login is one: its password opens the account.
func TestSeed_LoginOpensTheDashboard(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	var made seeded
	out, _ := s.tbc(exitDone, "seed", "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(out, err)
	}
	s.opened(func(db *store.Store) {
		found, err := db.Credentials(t.Context(), made.Login.Email)
		if err != nil {
			t.Fatal(err)
		}
		right, err := password.New().Verify(t.Context(), found.PasswordHash, made.Login.Password)
		session, _, refused := db.StartSession(t.Context(), store.NewSession{UserID: found.UserID})
		if err != nil || !right || refused != nil || session.WorkspaceID != made.WorkspaceID || session.Role != store.Owner {
			t.Errorf("%t, %v; %+v, %v", right, err, session, refused)
		}
	})
}
