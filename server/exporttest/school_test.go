package exporttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/server/processtest"
)

// school is a running server with data of every kind.
type school struct {
	*testing.T
	url, key string
}

// openSchool starts a server with the demo's data, or with as much as the flags of tbc seed say.
func openSchool(db processtest.Database, flags ...string) *school {
	t := db.T
	t.Helper()
	db.TBC("migrate")
	var made struct{ WorkspaceID string }
	if err := json.Unmarshal([]byte(db.TBC(append([]string{"seed", "--json"}, flags...)...)), &made); err != nil {
		t.Fatal(err)
	}
	scopes := "read:analytics,read:certificates,read:courses,read:enrollments,read:events,read:live_sessions,read:orders,read:students," +
		"write:courses,write:live_sessions,write:orders,write:students"
	key := db.Key(made.WorkspaceID, "--scope", scopes, "--rate-minute", "100000", "--rate-day", "1000000")
	return &school{T: t, url: db.Serve().URL, key: key}
}

// eachDemo runs a test with the demo's data in databases of both kinds.
func eachDemo(t *testing.T, test func(t *testing.T, s *school)) {
	t.Helper()
	t.Parallel()
	processtest.Each(t, func(db processtest.Database) { test(db.T, openSchool(db, "--profile", "demo")) })
}

// call makes a call that must succeed, and returns its data.
func (s *school) call(method, path, body string) json.RawMessage {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "application/json")
	response, err := new(http.Client).Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode > 299 {
		s.Fatalf("%s %s answers %s: %s %v", method, path, response.Status, text, err)
	}
	var envelope struct{ Data json.RawMessage }
	if err := json.Unmarshal(text, &envelope); err != nil {
		s.Fatal(err)
	}
	return envelope.Data
}

// command is tbc-export with this key.
func (s *school) command(args ...string) (cmd *exec.Cmd, complaints *bytes.Buffer) {
	cmd = exec.CommandContext(s.Context(), processtest.Program("tbc-export"), args...)
	cmd.Env = append(os.Environ(), "TBC_KEY="+s.key, "TBC_URL="+s.url)
	complaints = new(bytes.Buffer)
	cmd.Stderr = complaints
	return cmd, complaints
}

// export runs tbc-export to its end and returns its folder.
func (s *school) export(args ...string) (folder string) {
	s.Helper()
	folder = filepath.Join(s.TempDir(), "export")
	cmd, complaints := s.command(append(args, folder)...)
	if err := cmd.Run(); err != nil {
		s.Fatalf("tbc-export %q: %v: %s", args, err, complaints)
	}
	return folder
}

// manifest is what tests read of it.
type manifest struct {
	Complete  bool
	NextSince time.Time
	Files     []struct {
		Name string
		Rows int
	}
	LeftOut []struct{ What, Scope string }
}

func (s *school) manifest(folder string) (m manifest) {
	s.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		s.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil || !m.Complete {
		s.Fatalf("complete %t: %v", m.Complete, err)
	}
	return m
}
