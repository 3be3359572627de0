package store_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// A restart of PostgreSQL ends every connection. Calls in that moment fail; the store then goes on by itself.
func TestPostgres_LostConnectionsHeal(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	workspace := db.NewWorkspace(t)
	makeProbes(t, db)
	_, secret := db.NewKey(t, workspace, store.NewKey{MinuteLimit: 1000, DayLimit: 1000})
	hash := storetest.Hash(t, secret)
	admitAll(t, 20, hash, db.Store)
	_, err := openRaw(t, db).ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err != nil {
		t.Fatal(err)
	}
	const connections = 64 // more than both pools hold: each may fail once
	for range connections {
		_, _ = db.Admit(t.Context(), hash)
		_ = workspace.Tx(t.Context(), func(tx *store.Tx) error { return addProbe(t.Context(), tx, "lost") })
	}
	admitOne(t, db.Store, hash)
	storetest.Tx(t, workspace, func(tx *store.Tx) error { return addProbe(t.Context(), tx, "healed") })
}

// Only the counters may forget their last moment when the database crashes; business rows never.
func TestPostgres_OnlyAdmissionsCommitAsynchronously(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	workspace := db.NewWorkspace(t)
	makeProbes(t, db)
	_, secret := db.NewKey(t, workspace, store.NewKey{})
	admitAll(t, 20, storetest.Hash(t, secret), db.Store)
	storetest.Tx(t, workspace, func(tx *store.Tx) error {
		n, err := tx.Exec(t.Context(), `INSERT INTO probes (workspace_id, id, updated_at)
			SELECT $1, current_setting('synchronous_commit') || '/' || current_setting('lock_timeout') || '/' ||
				current_setting('idle_in_transaction_session_timeout') || '/' || current_setting('transaction_isolation'), 1`)
		if n != 1 {
			t.Errorf("%d rows", n)
		}
		return err
	})
	if got := allProbes(t, db, workspace); len(got) != 1 || got[0] != "on/5s/30s/read committed" {
		t.Errorf("a Tx runs with %v", got)
	}
}

// Counters are updated in place, on pages that have room for it: no index grows with the number of calls.
func TestPostgres_CountersAreUpdatedInPlace(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{MinuteLimit: 5000, DayLimit: 5000})
	if n := admitAll(t, 2000, storetest.Hash(t, secret), db.Store); n != 2000 {
		t.Fatalf("%d calls passed", n)
	}
	var pages int
	err := openRaw(t, db).QueryRowContext(t.Context(),
		`SELECT pg_relation_size('api_key_usage_pkey') / 8192`).Scan(&pages)
	if err != nil || pages > 2 {
		t.Errorf("the index has %d pages after 2000 calls of one key, want the first 2; %v", pages, err)
	}
}

// With a pooler in between, statements are not prepared by name; nothing else may change.
func TestPostgres_WorksWithoutPreparedStatements(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	makeProbes(t, db)
	for _, mode := range []string{"exec", "cache_describe", "describe_exec"} {
		cfg := db.Config()
		address, err := url.Parse(cfg.URL)
		if err != nil {
			t.Fatal(err)
		}
		options := address.Query()
		options.Set("default_query_exec_mode", mode)
		options.Set("statement_timeout", "")
		address.RawQuery = options.Encode()
		cfg.URL = address.String()
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		pooled := &storetest.DB{Store: s, Clock: db.Clock}
		workspace := pooled.NewWorkspace(t)
		_, secret := pooled.NewKey(t, workspace, store.NewKey{})
		if got := admitOne(t, s, storetest.Hash(t, secret)); got.Minute.Remaining != 59 {
			t.Errorf("%s: %+v", mode, got)
		}
		storetest.Tx(t, workspace, func(tx *store.Tx) error { return addProbe(t.Context(), tx, mode) })
		if keys := listKeys(t, workspace); len(keys) != 1 || keys[0].LastUsedAt == nil {
			t.Errorf("%s: keys %+v", mode, keys)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestBackup_OfPostgresIsADumpThatRestores(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	workspace := db.NewWorkspace(t)
	dir := filepath.Join(t.TempDir(), "backup")
	if err := db.Backup(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	dump := filepath.Join(dir, "tbc.dump")
	if _, err := os.Stat(dump); err != nil {
		t.Fatal(err)
	}
	script, err := exec.CommandContext(t.Context(), "pg_restore", "--data-only", "--table=workspaces", "--file=-", dump).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !containsText(script, workspace.ID()) {
		t.Error("the dump lacks the workspace")
	}
}
