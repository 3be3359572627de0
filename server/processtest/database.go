package processtest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store/storetest"
)

// masterKey is the same for all processes of a test, as on real replicas.
const masterKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// Database is one that processes of a test share.
type Database struct {
	*testing.T
	URL string
	Env []string // over the defaults, which are those of production
}

// SQLite is a fresh one, in a folder of its own.
func SQLite(t *testing.T) Database {
	return Database{T: t, URL: "sqlite:" + filepath.Join(t.TempDir(), "tbc.db")}
}

// Postgres is a fresh one on the test server. Its clock goes, as that of the processes does.
func Postgres(t *testing.T) Database {
	fresh := storetest.Postgres(t)
	fresh.Clock.Run(time.Now) //nolint:forbidigo // the processes' clock is the machine's
	return Database{T: t, URL: fresh.URL()}
}

// Each runs a test with a fresh database of both kinds.
func Each(t *testing.T, run func(Database)) {
	t.Helper()
	for name, fresh := range map[string]func(*testing.T) Database{"sqlite": SQLite, "postgres": Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(fresh(t))
		})
	}
}

func (db Database) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, Program("tbc"), args...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+db.URL, "TBC_ADDR=127.0.0.1:0", "TBC_MASTER_KEY="+masterKey,
		"TBC_ENV=production", "TBC_LOG_LEVEL=info", "TBC_LOG_FORMAT=json")
	cmd.Env = append(cmd.Env, db.Env...)
	return cmd
}

// TBC runs a command of the command line and returns what it prints.
func (db Database) TBC(args ...string) string {
	db.Helper()
	var complaints bytes.Buffer
	cmd := db.command(db.Context(), args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		db.Fatalf("tbc %s: %v: %s", strings.Join(args, " "), err, complaints.String())
	}
	return strings.TrimSpace(string(out))
}

// Prepare migrates and makes a workspace.
func (db Database) Prepare() (workspaceID string) {
	db.Helper()
	db.TBC("migrate")
	return db.TBC("workspace", "create", "--name", "School", "--time-zone", "Europe/Berlin", "--currency", "EUR", "--owner-email", "o@example.com")
}

// Key makes a key and returns its secret.
func (db Database) Key(workspaceID string, flags ...string) (secret string) {
	db.Helper()
	args := []string{"key", "create", "--json", "--workspace", workspaceID, "--name", "N", "--scope", "read:courses,read:students,write:students"}
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(db.TBC(append(args, flags...)...)), &made); err != nil {
		db.Fatal(err)
	}
	return made.Secret
}
