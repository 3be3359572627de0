package faulttest

import (
	"net/http"
	"sync"
	"testing"

	"github.com/thebigclass/api/server/processtest"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// frozen is a PostgreSQL database whose clock stands still, so that no window
// turns in the middle of a test, with a key of the default limits.
func frozen(t *testing.T) (db database, workspaceID, keyID, secret string) {
	t.Helper()
	fresh := storetest.Postgres(t)
	workspace := fresh.NewWorkspace(t)
	key, secret := fresh.NewKey(t, workspace, store.NewKey{})
	return database{T: t, URL: fresh.URL()}, workspace.ID(), key.ID, secret
}

func TestQuota_TwoProcesses(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db, _, _, secret := frozen(t)
		servers := []*process{db.Serve(), db.Serve()}
		var mu sync.Mutex
		var group sync.WaitGroup
		statuses := map[int]int{}
		for i := range 500 {
			group.Go(func() {
				got, err := caller{t, secret}.call(http.MethodGet, servers[i%2].URL+"/api/v1/courses", "")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				statuses[got.status]++
			})
		}
		group.Wait()
		if statuses[200] != 60 || statuses[429] != 440 {
			t.Errorf("500 calls over two processes got %v, want 60 times 200 and 440 times 429", statuses)
		}
	})
}

func TestQuota_SurvivesKill9(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db, _, _, secret := frozen(t)
		if left, _ := leftAfterKill(db, secret); left != 20 {
			t.Errorf("%d calls passed after kill -9 at 40 of 60, want 20", left)
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db := processtest.SQLite(t)
		workspace := db.Prepare()
		for range 3 { // once more if the minute turned: this database has the machine's clock
			secret := db.Key(workspace)
			left, turned := leftAfterKill(db, secret)
			if turned {
				continue
			}
			if left != 20 {
				t.Errorf("%d calls passed after kill -9 at 40 of 60, want 20", left)
			}
			return
		}
		t.Error("the minute turned in each of three runs")
	})
}

// leftAfterKill makes 40 calls, kills the server and counts what the next one admits.
func leftAfterKill(db database, secret string) (left int, turned bool) {
	db.Helper()
	by := caller{db.T, secret}
	server := db.Serve()
	first := by.get(server.URL + "/api/v1/courses")
	for range 39 {
		by.get(server.URL + "/api/v1/courses")
	}
	server.Kill()
	server = db.Serve()
	last := first
	for range 60 {
		if last = by.get(server.URL + "/api/v1/courses"); last.status == http.StatusOK {
			left++
		}
	}
	server.Kill()
	return left, first.header.Get("X-RateLimit-Reset") != last.header.Get("X-RateLimit-Reset")
}

// Revocation is for the moment when a key has leaked: every process must know at once.
func TestRevocation_FailsOnTheNextCallToTheOtherProcess(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db, workspace, key, secret := frozen(t)
		one, other := db.Serve(), db.Serve()
		by := caller{t, secret}
		for _, server := range []*process{one, other} {
			if got := by.get(server.URL + "/api/v1/me"); got.status != 200 {
				t.Fatalf("answered %d: %s", got.status, got.body)
			}
		}
		db.TBC("key", "revoke", "--workspace", workspace, key)
		for _, server := range []*process{other, one} {
			if got := by.get(server.URL + "/api/v1/me"); got.status != 401 {
				t.Errorf("a revoked key is answered with %d", got.status)
			}
		}
	})
}
