package faulttest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/thebigclass/api/server/processtest"
	"github.com/thebigclass/api/store/storetest"
)

// eachDatabase runs the test on both, with a key without limits worth mentioning.
func eachDatabase(t *testing.T, test func(db database, by caller)) {
	t.Helper()
	t.Parallel()
	run := func(t *testing.T, db database) {
		t.Parallel()
		secret := db.Key(db.Prepare(), "--rate-minute", "1000000", "--rate-day", "1000000")
		test(db, caller{t, secret})
	}
	t.Run("sqlite", func(t *testing.T) { run(t, processtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, database{T: t, URL: storetest.Postgres(t).URL()}) })
}

// Every request that a stopping server has taken is answered whole, and what
// it acknowledged is there afterwards.
func TestStop_UnderLoadLosesNoRequestInFlight(t *testing.T) {
	eachDatabase(t, func(db database, by caller) {
		server := db.Serve()
		var answered sync.Map // request id -> status
		var made atomic.Int64
		var group sync.WaitGroup
		enough := make(chan struct{})
		for worker := range 16 {
			group.Go(func() {
				for i := 0; ; i++ {
					id := fmt.Sprintf("worker-%d-%d", worker, i)
					got, err := by.call(http.MethodPost, server.URL+"/api/v1/students", student(id+"@example.com"), "X-Request-Id", id)
					if err != nil {
						return // the door is closed
					}
					answered.Store(id, got.status)
					if made.Add(1) == 200 {
						close(enough)
					}
				}
			})
		}
		<-enough
		server.Signal(syscall.SIGTERM)
		if state := server.WantExit(); state.ExitCode() != 0 {
			db.Errorf("tbc serve ended with %s", state)
		}
		group.Wait()
		for id, status := range server.Requests() {
			if got, ok := answered.Load(id); !ok || got != status {
				db.Errorf("request %s was finished with %d, the client saw %v", id, status, got)
			}
		}
		again := db.Serve()
		answered.Range(func(id, status any) bool {
			found := by.get(again.URL + "/api/v1/students?email=" + id.(string) + "%40example.com")
			if status != 201 || !strings.Contains(string(found.body), id.(string)) {
				db.Errorf("student %s was answered with %v and is gone: %s", id, status, found.body)
			}
			return !db.Failed()
		})
	})
}

// inFlight opens a connection, sends a POST without its body, and returns when the
// server has begun to read it: that is when it says 100 Continue.
func inFlight(db database, server *process, secret, body string) (net.Conn, *bufio.Reader) {
	db.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		db.Fatal(err)
	}
	db.Cleanup(func() { _ = conn.Close() })
	fmt.Fprintf(conn, "POST /api/v1/students HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", secret, len(body))
	reader := bufio.NewReader(conn)
	if line, err := reader.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		db.Fatalf("the server says %q, %v", line, err)
	}
	if _, err := reader.ReadString('\n'); err != nil {
		db.Fatal(err)
	}
	return conn, reader
}

func TestStop_FinishesWhatRuns(t *testing.T) {
	eachDatabase(t, func(db database, by caller) {
		server := db.Serve()
		body := student("late@example.com")
		conn, reader := inFlight(db, server, by.secret, body)
		server.Signal(syscall.SIGTERM)
		server.Await("stopping")
		fmt.Fprint(conn, body)
		answered, err := http.ReadResponse(reader, nil)
		if err != nil {
			db.Fatalf("the request in flight got no answer: %v", err)
		}
		defer answered.Body.Close()
		if answered.StatusCode != 201 {
			db.Errorf("the request in flight got %s", answered.Status)
		}
		if state := server.WantExit(); state.ExitCode() != 0 {
			db.Errorf("tbc serve ended with %s", state)
		}
	})
}

// A load balancer must see that the door will close while it is still open.
func TestStop_TurnsReadinessFalseFirst(t *testing.T) {
	eachDatabase(t, func(db database, by caller) {
		db.Env = []string{"TBC_STOP_DELAY=1m"}
		server := db.Serve()
		server.Signal(syscall.SIGTERM)
		server.Await("stopping")
		ready, err := client.Get(server.URL + "/readyz")
		if err != nil {
			db.Fatal(err)
		}
		defer ready.Body.Close()
		if report, err := io.ReadAll(ready.Body); err != nil || ready.StatusCode != 503 || !strings.Contains(string(report), `"stopping":true`) {
			db.Errorf("readyz answers %d %s %v", ready.StatusCode, report, err)
		}
		if got := by.get(server.URL + "/api/v1/courses"); got.status != 200 {
			db.Errorf("a call before the door closes is answered with %d", got.status)
		}
		server.Signal(syscall.SIGTERM)
		server.WantExit()
	})
}

func TestStop_ASecondSignalEndsAtOnce(t *testing.T) {
	eachDatabase(t, func(db database, by caller) {
		server := db.Serve()
		inFlight(db, server, by.secret, student("never@example.com"))
		server.Signal(syscall.SIGTERM)
		server.Await("stopping")
		server.Signal(syscall.SIGTERM)
		state := server.WantExit()
		if status, ok := state.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
			db.Errorf("tbc serve ended with %s, not by the signal", state)
		}
	})
}
