package faulttest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/thebigclass/api/tools/testenv/postgres"
)

// A database that restarts under load costs 500s in the envelope for the gap,
// and nothing else: no restart of ours, and no write that was acknowledged.
func TestPostgreSQLRestart_LosesNoAcknowledgedWrite(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		cluster, err := postgres.Start(t.Context(), postgres.Options{Settings: map[string]string{"fsync": "on"}, Log: t.Output()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := cluster.Stop(); err != nil {
				t.Error(err)
			}
		})
		db := database{T: t, URL: cluster.URL}
		secret := db.Key(db.Prepare(), "--rate-minute", "1000000000", "--rate-day", "1000000000")
		load := &writers{caller: caller{t, secret}, server: db.Serve(), warm: make(chan struct{})}
		stop := load.run(8)
		<-load.warm
		if err := cluster.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		load.healed.Store(true)
		stop()
		if load.failed.Load() == 0 {
			t.Error("no call met the gap: the test proves nothing")
		}
		load.wantAll()
	})
}

// writers make students as fast as they are let.
type writers struct {
	caller
	server       *process
	acknowledged sync.Map // e-mail
	made, failed atomic.Int64
	warm         chan struct{} // closed after the first hundred
	healed       atomic.Bool   // set when the database is back
}

// run starts n writers. The function that it returns waits until each has made
// twenty more students on the healed database.
func (w *writers) run(n int) (wait func()) {
	var group sync.WaitGroup
	for worker := range n {
		group.Go(func() {
			after := 0
			for i := 0; after < 20 && !w.Failed(); i++ {
				healed := w.healed.Load()
				if w.write(fmt.Sprintf("w%d-%d@example.com", worker, i)) && healed {
					after++
				}
			}
		})
	}
	return group.Wait
}

// write makes one student and reports whether that was acknowledged. A call
// without an answer, or with another error than a 500, fails the test.
func (w *writers) write(email string) bool {
	got, err := w.call(http.MethodPost, w.server.URL+"/api/v1/students", student(email))
	switch {
	case err != nil:
		w.Errorf("no answer of ours: %v", err)
	case got.status == 201:
		w.acknowledged.Store(email, true)
		if w.made.Add(1) == 100 {
			close(w.warm)
		}
		return true
	case got.status == 500:
		w.failed.Add(1)
	default:
		w.Errorf("answered %d: %s", got.status, got.body)
	}
	return false
}

// wantAll looks for every student that was acknowledged.
func (w *writers) wantAll() {
	w.Helper()
	w.acknowledged.Range(func(email, _ any) bool {
		got := w.get(w.server.URL + "/api/v1/students?email=" + strings.Replace(email.(string), "@", "%40", 1))
		if !strings.Contains(string(got.body), email.(string)) {
			w.Errorf("%s was acknowledged and is gone", email)
		}
		return !w.Failed()
	})
}
