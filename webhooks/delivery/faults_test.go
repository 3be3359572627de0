package delivery_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks"
	"github.com/thebigclass/api/webhooks/delivery"
)

// replica is a Store of its own on the database of a test, which tells how many completions nobody listened to.
type replica struct {
	*store.Store
	fenced chan int
}

func (r *replica) CompleteDeliveries(ctx context.Context, list []store.Outcome) (int, error) {
	fenced, err := r.Store.CompleteDeliveries(ctx, list)
	r.fenced <- fenced
	return fenced, err
}

// run lets an engine work until the test ends.
func run(t *testing.T, cfg delivery.Config) *delivery.Engine {
	t.Helper()
	cfg.Guard = loopback
	engine, err := delivery.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return engine
}

// Of two replicas the one that stalled until its lease had run out is not heard: one more delivery of the same event
// is all that comes of it. What it has to say would have changed the delivery and the endpoint.
func TestReplicas_TheOneWhoseLeaseExpiredChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		arrived, release := make(chan string, 10), make(chan struct{})
		let := sync.OnceFunc(func() { close(release) })
		t.Cleanup(let) // also after a failure, or the receiver could not close
		var requests atomic.Int32
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			first := requests.Add(1) == 1
			arrived <- r.Header.Get("X-TBC-Delivery") + " " + r.Header.Get("X-TBC-Attempt")
			if first {
				<-release
				w.WriteHeader(http.StatusGone)
			}
		})
		id, _ := b.endpoint(server.URL)
		stalled := &replica{b.Open(t), make(chan int, 10)}
		healthy := &replica{b.Open(t), make(chan int, 10)}
		b.emit(1)
		run(t, delivery.Config{Queue: stalled, Now: b.Clock.Now, Concurrency: 1}).Wake() // so that it cannot take it twice
		sent := await(t, arrived)
		b.Clock.Advance(store.Lease)
		run(t, delivery.Config{Queue: healthy, Now: b.Clock.Now}).Wake()
		heard := await(t, healthy.fenced)
		before, endpoint := b.only(t), b.state(t, id)
		if heard != 0 || before.Status != store.DeliverySucceeded || before.AttemptCount != 1 {
			t.Fatalf("fenced %d, delivery %+v", heard, before)
		}
		let()
		if fenced := await(t, stalled.fenced); fenced != 1 {
			t.Errorf("%d completions were fenced, want the late one", fenced)
		}
		if after := b.only(t); !after.UpdatedAt.Equal(before.UpdatedAt) || after.Status != before.Status || after.AttemptCount != 1 {
			t.Errorf("the late completion made %+v of %+v", after, before)
		}
		if after := b.state(t, id); after.LastFailureAt != nil || !after.LastSuccessAt.Equal(*endpoint.LastSuccessAt) {
			t.Errorf("the late completion made the endpoint %+v", after)
		}
		if again := await(t, arrived); again != sent || len(arrived) != 0 {
			t.Errorf("received %q, %q and %d more", sent, again, len(arrived))
		}
	})
}

func (b *bench) only(t *testing.T) store.Delivery {
	t.Helper()
	page, err := b.workspace.Deliveries(t.Context(), store.DeliveryQuery{})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("deliveries %+v, %v", page.Items, err)
	}
	return page.Items[0]
}

func (b *bench) state(t *testing.T, id string) store.Endpoint {
	t.Helper()
	endpoint, err := b.workspace.Endpoint(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

// A server whose clock is an hour off signs with its own time, which receivers hold against theirs, and leaves it to
// the database when to try again: retries neither stampede nor stall.
func TestClocks_AnHourApartChangeNoSchedule(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"fast": time.Hour, "slow": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, storetest.Postgres(t)) // SQLite's clock is the server's
			signed, secrets := make(chan error, 10), make(chan string, 1)
			skewed := func() time.Time { return b.Clock.Now().Add(off) }
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				secret := <-secrets
				secrets <- secret
				body, err := io.ReadAll(r.Body)
				if err == nil {
					err = webhooks.Verify(r.Header.Get("X-TBC-Signature"), body, skewed(), secret)
				}
				signed <- err
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			_, secret := b.endpoint(server.URL)
			secrets <- secret
			engine := run(t, delivery.Config{Queue: b.queue, Now: skewed})
			b.emit(1)
			for try, step := range published[:3] {
				b.stored()
				if err := await(t, signed); err != nil {
					t.Errorf("attempt %d: %v", try+1, err)
				}
				due := *b.only(t).NextAttemptAt
				if in := due.Sub(b.Clock.Now()); in < step || in > step+step/10 {
					t.Errorf("attempt %d is due in %v by the database's clock, want %v", try+2, in, step)
				}
				b.Clock.Set(due.Add(-time.Microsecond))
				if early, err := b.ClaimDeliveries(t.Context(), 10); err != nil || len(early) != 0 {
					t.Errorf("claimed %d too early, %v", len(early), err)
				}
				b.Clock.Set(due)
				engine.Wake()
			}
			b.stored()
		})
	}
}

// poison panics when one event is sent.
type poison struct {
	http.RoundTripper
	header, event string
}

func (p poison) RoundTrip(r *http.Request) (*http.Response, error) {
	if sent := r.Header[p.header]; len(sent) == 1 && sent[0] == p.event { // in the published spelling
		panic("cannot be sent")
	}
	return p.RoundTripper.RoundTrip(r)
}

// A delivery that makes the sender panic is a failed attempt, tried again like any other, until the schedule ends.
// Those around it go out, and the process lives.
func TestEngine_ContainsADeliveryThatPanics(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		server := serve(t, func(http.ResponseWriter, *http.Request) {})
		b.endpoint(server.URL)
		client := delivery.NewClient(loopback)
		client.Transport = poison{client.Transport, "X-TBC-Event", "order.paid"}
		b.start(delivery.Config{Client: client, Retries: []time.Duration{time.Minute}})
		b.emit(2)
		storetest.Tx(t, b.workspace, func(tx *store.Tx) error {
			return tx.Emit(t.Context(), store.Event{Type: "order.paid", Data: map[string]any{"id": "ord_1"}})
		})
		b.emit(2)
		var poisoned string
		for range 5 {
			outcome := b.stored()
			if panicked := outcome.Claim.EventType == "order.paid"; outcome.Succeeded == panicked {
				t.Errorf("%s: %+v", outcome.Claim.EventType, outcome)
			} else if panicked {
				poisoned = outcome.Claim.DeliveryID
			}
		}
		b.Clock.Advance(2 * time.Minute)
		b.engine.Wake()
		b.stored()
		got, attempts, err := b.workspace.Delivery(t.Context(), poisoned)
		if err != nil || got.Status != store.DeliveryFailed || len(attempts) != 2 || *attempts[0].Error != "the request could not be made" {
			t.Errorf("delivery %+v, attempts %+v, %v", got, attempts, err)
		}
	})
}
