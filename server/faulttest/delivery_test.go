package faulttest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/thebigclass/api/server/processtest"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks"
)

// delivered is an event that a receiver has verified.
type delivered struct {
	ID   string
	Data struct{ ID, Email string }
}

// receiver verifies what it gets and hands it to the test. While hold is open it answers nothing.
type receiver struct {
	*testing.T
	url    string
	secret chan string // holds the one of the endpoint
	got    chan delivered
	hold   chan struct{}
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{T: t, secret: make(chan string, 1), got: make(chan delivered, 1000), hold: make(chan struct{})}
	listening := httptest.NewServer(r)
	t.Cleanup(listening.Close)
	r.url = listening.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	secret := <-r.secret
	r.secret <- secret
	if err == nil {
		now := time.Now() //nolint:forbidigo // the sender is another process: the machine's clock is what they share
		err = webhooks.Verify(request.Header.Get("X-TBC-Signature"), body, now, secret)
	}
	var event delivered
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil {
		r.Errorf("received %s: %v", body, err)
	}
	r.got <- event
	select {
	case <-r.hold:
	case <-request.Context().Done():
	}
}

// next waits for a delivery, for which no test should need a minute.
func (r *receiver) next() delivered {
	r.Helper()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	select {
	case event := <-r.got:
		return event
	case <-timer.C:
		r.Fatal("nothing was delivered")
		panic("unreachable")
	}
}

// subscribe makes an endpoint for all events that sends to the receiver.
func (r *receiver) subscribe(by caller, server *process) {
	r.Helper()
	got, err := by.call(http.MethodPost, server.URL+"/api/v1/webhook-endpoints", fmt.Sprintf(`{"url":%q,"events":["*"]}`, r.url))
	var made struct{ Data struct{ Secret string } }
	if err != nil || got.status != http.StatusCreated || json.Unmarshal(got.body, &made) != nil {
		r.Fatalf("making the endpoint: %d %s %v", got.status, got.body, err)
	}
	r.secret <- made.Data.Secret
}

// wantStudent makes a student, which must be acknowledged.
func wantStudent(by caller, server *process, email string) {
	by.Helper()
	got, err := by.call(http.MethodPost, server.URL+"/api/v1/students", student(email))
	if err != nil || got.status != http.StatusCreated {
		by.Fatalf("making a student: %d %s %v", got.status, got.body, err)
	}
}

// development sends to this machine; the key may do what these tests need.
func development(db database) (database, caller) {
	db.Helper()
	secret := db.Key(db.Prepare(), "--scope", "read:webhooks,write:webhooks", "--rate-minute", "1000000", "--rate-day", "1000000")
	db.Env = []string{"TBC_ENV=development"}
	return db, caller{db.T, secret}
}

// What was acknowledged is told, although the server died before it told anybody.
func TestDelivery_SurvivesKill9BetweenCommitAndDelivery(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, db database) {
		t.Parallel()
		db, by := development(db)
		receiver := newReceiver(t)
		close(receiver.hold)
		silent := db
		silent.Env = append([]string{"TBC_ROLES=api"}, db.Env...)
		server := silent.Serve()
		receiver.subscribe(by, server)
		missing := map[string]bool{}
		for i := range 20 {
			email := fmt.Sprintf("s%d@example.com", i)
			wantStudent(by, server, email)
			missing[email] = true
		}
		server.Kill()
		db.Serve()
		for len(missing) > 0 {
			delete(missing, receiver.next().Data.Email)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, processtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, database{T: t, URL: storetest.Postgres(t).URL()}) })
}

// A sender that dies with a request on its way holds its deliveries back until the lease ends, and no longer.
func TestDelivery_KilledInFlightIsSentAgainAfterTheLease(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fresh := storetest.Postgres(t)
		db, by := development(database{T: t, URL: fresh.URL()})
		receiver := newReceiver(t)
		server := db.Serve()
		receiver.subscribe(by, server)
		wantStudent(by, server, "s@example.com")
		first := receiver.next()
		server.Kill()
		close(receiver.hold)
		fresh.Clock.Advance(store.Lease + time.Second)
		db.Serve()
		if again := receiver.next(); again != first {
			t.Errorf("sent %+v, then %+v", first, again)
		}
	})
}

// A clean stop gives back what it cannot finish: the next process need not wait for a lease.
func TestStop_GivesLeasesBack(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, db database) {
		t.Parallel()
		db, by := development(db)
		receiver := newReceiver(t)
		server := db.Serve()
		receiver.subscribe(by, server)
		wantStudent(by, server, "s@example.com")
		first := receiver.next()
		server.Signal(syscall.SIGTERM)
		if state := server.WantExit(); state.ExitCode() != 0 {
			t.Errorf("tbc serve ended with %s", state)
		}
		close(receiver.hold)
		db.Serve()
		if again := receiver.next(); again != first {
			t.Errorf("sent %+v, then %+v", first, again)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, processtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, database{T: t, URL: storetest.Postgres(t).URL()}) })
}
