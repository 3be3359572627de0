package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Two servers on the same files would each group admissions on their own; the command line may share them.
func TestOpen_SecondServerOnTheSameFilesIsRefused(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	cfg := db.Config()
	cfg.Exclusive = true
	server, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := store.Open(t.Context(), cfg); !errors.Is(err, store.ErrInUse) {
		t.Errorf("the second server: %v, %v, want ErrInUse", second, err)
	}
	db.NewWorkspace(t) // db itself is the command line: not exclusive
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("after the first server ended: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// Undrained rows of RETURNING keep a write-ahead log from ever shrinking, and every reader slow.
func TestSQLite_WriteAheadLogsStayBounded(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	workspace := db.NewWorkspace(t)
	makeProbes(t, db)
	_, secret := db.NewKey(t, workspace, store.NewKey{MinuteLimit: 1 << 30, DayLimit: 1 << 30})
	hash := storetest.Hash(t, secret)
	for range 3000 {
		admitOne(t, db.Store, hash)
	}
	for range 300 {
		storetest.Tx(t, workspace, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO probes (workspace_id, id, updated_at) VALUES ($1, 'one', $2)
				ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at`, tx.Now().UnixMicro())
			return err
		})
	}
	const bound = 6 << 20 // SQLite checkpoints at 1,000 pages of 4 KiB
	for _, file := range []string{"tbc.db-wal", "tbc-usage.db-wal"} {
		info, err := os.Stat(filepath.Join(filepath.Dir(filePath(db)), file))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > bound {
			t.Errorf("%s has %d bytes, want at most %d", file, info.Size(), bound)
		}
	}
}

// A transaction on the main file and an admission must not wait for each other.
func TestSQLite_AdmissionGoesOnDuringATx(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	workspace := db.NewWorkspace(t)
	makeProbes(t, db)
	_, secret := db.NewKey(t, workspace, store.NewKey{})
	storetest.Tx(t, workspace, func(tx *store.Tx) error {
		if err := addProbe(t.Context(), tx, "one"); err != nil {
			return err
		}
		if n := admitAll(t, 10, storetest.Hash(t, secret), db.Store); n != 10 {
			t.Errorf("%d of 10 calls passed during a Tx", n)
		}
		return nil
	})
}

func TestOpen_RefusesWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	cfg := storetest.SQLite(t).Config()
	for _, url := range []string{"", "sqlite:", "sqlite::memory:", "mysql://localhost/tbc", "tbc.db"} {
		cfg.URL = url
		if s, err := store.Open(t.Context(), cfg); err == nil {
			t.Errorf("%q was opened: %v", url, s.Close())
		}
	}
	cfg.URL, cfg.Now = "sqlite:"+filepath.Join(t.TempDir(), "tbc.db"), nil
	if _, err := store.Open(t.Context(), cfg); err == nil {
		t.Error("a store without a clock was opened")
	}
}

// Folders and files may be called anything that the file system allows.
func TestOpen_PathsWithSpacesAndSigns(t *testing.T) {
	t.Parallel()
	cfg := storetest.SQLite(t).Config()
	dir := filepath.Join(t.TempDir(), "my data?#%20&ü")
	cfg.URL = "sqlite:" + filepath.Join(dir, "school one.db")
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Admit(t.Context(), [32]byte{1}); !errors.Is(err, store.ErrUnauthorized) {
		t.Errorf("admission: %v, want ErrUnauthorized", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "school one.db")); err != nil {
		t.Error(err)
	}
}

// A restored backup is a working database with everything that was committed, counters included.
func TestBackup_OfSQLiteRestores(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	workspace := db.NewWorkspace(t)
	_, secret := db.NewKey(t, workspace, store.NewKey{})
	admitAll(t, 20, storetest.Hash(t, secret), db.Store)
	dir := filepath.Join(t.TempDir(), "backup")
	if err := db.Backup(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), dir); err == nil {
		t.Error("a backup overwrote another")
	}
	cfg := db.Config()
	cfg.URL = "sqlite:" + filepath.Join(dir, "tbc.db")
	copied, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if pending, err := copied.PendingMigrations(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("pending %v, %v", pending, err)
	}
	if n := admitAll(t, 60, storetest.Hash(t, secret), copied); n != 40 {
		t.Errorf("%d calls passed on the copy, want the 40 left", n)
	}
}

// The clock of a SQLite store is the configured one, and only that.
func TestClock_IsTheDatabasesClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.Clock.Advance(time.Hour)
		now, err := db.Store.Clock(t.Context())
		if err != nil || !now.Equal(storetest.Start.Add(time.Hour)) {
			t.Errorf("%v, %v", now, err)
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func filePath(db *storetest.DB) string { return strings.TrimPrefix(db.URL(), "sqlite:") }
