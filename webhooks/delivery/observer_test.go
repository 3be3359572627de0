package delivery_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks/delivery"
)

// counts is an observer that remembers.
type counts struct {
	mu                                  sync.Mutex
	claimed, expired, completed, fenced int
	results                             map[string]delivery.Result // by class
	ended                               chan string
}

func newCounts() *counts {
	return &counts{results: map[string]delivery.Result{}, ended: make(chan string, 100)}
}

func (c *counts) Claimed(_ context.Context, n, expired int, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claimed += n
	c.expired += expired
}

type spanKey struct{}

func (c *counts) Attempt(ctx context.Context, claim store.Claim) (context.Context, func(delivery.Result)) {
	return context.WithValue(ctx, spanKey{}, claim.DeliveryID), func(r delivery.Result) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.results[r.Class] = r
		c.ended <- r.Class
	}
}

func (c *counts) Completed(_ context.Context, n, fenced int, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.completed += n
	c.fenced += fenced
}

func (c *counts) total() (claimed, expired, completed, fenced int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.claimed, c.expired, c.completed, c.fenced
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Whoever watches hears of each claim, of each attempt with its class, around the request itself, and of each group
// that was recorded; what did not succeed is in the log with the ids of event and delivery.
func TestObserver_HearsOfClaimsAttemptsAndCompletions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		seen := newCounts()
		traced := make(chan any, 10)
		statuses := map[string]int{"/ok": 204, "/down": 503, "/gone": 404}
		hanging := make(chan struct{})
		client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			traced <- r.Context().Value(spanKey{})
			status, ok := statuses[r.URL.Path]
			if !ok {
				close(hanging)
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
		})}
		var written bytes.Buffer
		log := slog.New(slog.NewTextHandler(&written, &slog.HandlerOptions{Level: slog.LevelDebug}))
		for path := range statuses {
			b.endpoint("http://127.0.0.1" + path)
		}
		b.emit(1)
		b.start(delivery.Config{Client: client, Observer: seen, Log: log, Drain: time.Millisecond})
		outcomes := map[string]store.Outcome{}
		for range 3 {
			outcome := b.stored()
			outcomes[outcome.Claim.DeliveryID] = outcome
		}
		for range 3 {
			if id, _ := (await(t, traced)).(string); outcomes[id].Claim.DeliveryID == "" {
				t.Errorf("a request was made outside the context of its attempt: %q", id)
			}
		}
		b.endpoint("http://127.0.0.1/hang")
		b.emit(1)
		await(t, hanging)
		b.stop()
		if claimed, expired, completed, fenced := seen.total(); claimed != 7 || expired != 0 || completed != 6 || fenced != 0 {
			t.Errorf("claimed %d, expired %d, completed %d, fenced %d", claimed, expired, completed, fenced)
		}
		for class, status := range map[string]int{delivery.Succeeded: 204, delivery.Retry: 503, delivery.Failed: 404, delivery.Cut: 0} {
			if r, ok := seen.results[class]; !ok || r.Status != status || (r.Err == "") != (class == delivery.Succeeded) {
				t.Errorf("%s: heard %v, %+v", class, ok, r)
			}
		}
		for _, outcome := range outcomes {
			claim := outcome.Claim
			line := "eventId=" + claim.EventID + " eventType=" + claim.EventType + " deliveryId=" + claim.DeliveryID +
				" endpointId=" + claim.EndpointID + " attempt=1 trigger=auto outcome="
			if !strings.Contains(written.String(), line) || strings.Contains(written.String(), "127.0.0.1") {
				t.Errorf("success %v, log line %q in\n%s", outcome.Succeeded, line, &written)
			}
		}
	})
}

// A lease that ran out is counted by whoever claims the delivery again, and a worker that comes back too late by itself.
func TestObserver_CountsExpiredLeasesAndFencedCompletions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		seen := newCounts()
		arrived, release := make(chan struct{}), make(chan struct{})
		server := serve(t, func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release })
		b.endpoint(server.URL)
		b.emit(1)
		claim := func() store.Claim {
			claims, err := b.ClaimDeliveries(t.Context(), 1)
			if err != nil || len(claims) != 1 {
				t.Fatalf("claimed %d, %v", len(claims), err)
			}
			return claims[0]
		}
		claim() // and die
		b.Clock.Advance(store.Lease)
		var written bytes.Buffer
		b.start(delivery.Config{Observer: seen, Log: slog.New(slog.NewTextHandler(&written, nil)), Concurrency: 1})
		await(t, arrived)
		b.Clock.Advance(store.Lease)
		taken := claim() // the engine has no slot left to do so
		close(release)
		outcome := b.stored()
		b.stop()
		if claimed, expired, completed, fenced := seen.total(); claimed != 1 || expired != 1 || completed != 1 || fenced != 1 {
			t.Errorf("claimed %d, expired %d, completed %d, fenced %d", claimed, expired, completed, fenced)
		}
		if !taken.Expired || taken.DeliveryID != outcome.Claim.DeliveryID || strings.Count(written.String(), "level=WARN") != 1 {
			t.Errorf("taken over %+v, log\n%s", taken, &written)
		}
	})
}
