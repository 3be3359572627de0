package delivery_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks"
	"github.com/thebigclass/api/webhooks/delivery"
)

var loopback = delivery.Guard{AllowHTTP: true, AllowCIDRs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// patience bounds the waits for signals of a test that fails.
const patience = 20 * time.Second

// watched tells the test what was stored.
type watched struct {
	*store.Store
	stored chan store.Outcome
}

func (w *watched) CompleteDeliveries(ctx context.Context, list []store.Outcome) (fenced int, err error) {
	fenced, err = w.Store.CompleteDeliveries(ctx, list)
	for _, outcome := range list {
		w.stored <- outcome
	}
	return fenced, err
}

// bench is a workspace with an engine on its database.
type bench struct {
	*storetest.DB
	t         *testing.T
	workspace *store.Workspace
	queue     *watched
	engine    *delivery.Engine
	stop      func() // and wait
}

func newBench(t *testing.T, db *storetest.DB) *bench {
	t.Helper()
	return &bench{DB: db, t: t, workspace: db.NewWorkspace(t), queue: &watched{db.Store, make(chan store.Outcome, 1000)}}
}

// start runs an engine until the test ends or stop is called.
func (b *bench) start(cfg delivery.Config) {
	b.t.Helper()
	cfg.Queue, cfg.Guard, cfg.Now = b.queue, loopback, b.Clock.Now
	engine, err := delivery.New(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	stopped := false
	b.engine, b.stop = engine, func() {
		cancel()
		if !stopped {
			stopped = true
			if err := <-done; err != nil {
				b.t.Error(err)
			}
		}
	}
	b.t.Cleanup(func() { b.stop() })
}

func (b *bench) endpoint(url string) (id, secret string) {
	b.t.Helper()
	storetest.Tx(b.t, b.workspace, func(tx *store.Tx) error {
		endpoint, shown, err := tx.CreateEndpoint(b.t.Context(), store.NewEndpoint{URL: url, Events: []string{"*"}})
		id, secret = endpoint.ID, shown
		return err
	})
	return id, secret
}

func (b *bench) emit(n int) {
	b.t.Helper()
	storetest.Tx(b.t, b.workspace, func(tx *store.Tx) error {
		for range n {
			err := tx.Emit(b.t.Context(), store.Event{Type: "student.created", Data: map[string]any{"id": "stu_1", "displayName": "Zoë"}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *bench) stored() store.Outcome {
	b.t.Helper()
	return await(b.t, b.queue.stored)
}

func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// A receiver sees the stored bytes, a signature that verifies, and header names as they are published.
func TestEngine_DeliversSignedInThePublishedSpelling(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		raw := make(chan string, 1)
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			var text strings.Builder
			buffer := make([]byte, 4096)
			for !strings.HasSuffix(text.String(), "}}") {
				n, err := conn.Read(buffer)
				if err != nil {
					return
				}
				text.Write(buffer[:n])
			}
			raw <- text.String()
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		}()
		t.Cleanup(func() { _ = listener.Close() })
		_, secret := b.endpoint("http://" + listener.Addr().String() + "/hook")
		b.start(delivery.Config{BaseURL: "https://school.example"})
		b.emit(1)
		head, body, _ := strings.Cut(await(t, raw), "\r\n\r\n")
		outcome := b.stored()
		event, err := b.workspace.Event(t.Context(), outcome.Claim.EventID)
		if err != nil || body != string(event.Body) {
			t.Errorf("sent %s, stored %s, %v", body, event.Body, err)
		}
		for _, line := range []string{"POST /hook HTTP/1.1", "Content-Type: application/json", "X-TBC-Event: student.created",
			"X-TBC-Attempt: 1", "X-TBC-Delivery: " + outcome.Claim.DeliveryID, "User-Agent: TheBigClass-Webhooks/1 (+https://school.example)"} {
			if !strings.Contains(head+"\r\n", line+"\r\n") {
				t.Errorf("no line %q in\n%s", line, head)
			}
		}
		_, after, _ := strings.Cut(head, "X-TBC-Signature: ")
		signature, _, _ := strings.Cut(after, "\r\n")
		if err := webhooks.Verify(signature, []byte(body), b.Clock.Now(), secret); err != nil {
			t.Errorf("signature %q: %v", signature, err)
		}
		_, attempts, err := b.workspace.Delivery(t.Context(), outcome.Claim.DeliveryID)
		if err != nil || len(attempts) != 1 || *attempts[0].StatusCode != 204 {
			t.Fatalf("attempts %+v, %v", attempts, err)
		}
		if logged := attempts[0].RequestHeaders["X-TBC-Signature"]; strings.Contains(signature, logged) || !strings.HasPrefix(logged, "t=") {
			t.Errorf("logged signature %q", logged)
		}
	})
}

// What was committed and claimed by a process that died is delivered by another, after the lease.
func TestEngine_DeliversWhatADeadProcessClaimed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		arrived := make(chan string, 10)
		server := serve(t, func(_ http.ResponseWriter, r *http.Request) { arrived <- r.Header.Get("X-TBC-Attempt") })
		b.endpoint(server.URL)
		b.emit(2)
		dead, err := b.ClaimDeliveries(t.Context(), 1)
		if err != nil || len(dead) != 1 {
			t.Fatalf("claimed %d, %v", len(dead), err)
		}
		b.start(delivery.Config{})
		if b.stored().Claim.DeliveryID == dead[0].DeliveryID {
			t.Error("delivered under somebody else's lease")
		}
		b.Clock.Advance(store.Lease)
		b.engine.Wake()
		if outcome := b.stored(); outcome.Claim.DeliveryID != dead[0].DeliveryID || !outcome.Succeeded {
			t.Errorf("after the lease: %+v", outcome)
		}
		if first, second := <-arrived, <-arrived; first != "1" || second != "1" {
			t.Errorf("attempt numbers %s and %s", first, second)
		}
	})
}

// Endpoints that hang hold their own slots and nobody else's.
func TestEngine_SlowEndpointDelaysNoOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		release := make(chan struct{})
		hanging := make(chan struct{}, 1000)
		slow := serve(t, func(http.ResponseWriter, *http.Request) { hanging <- struct{}{}; <-release })
		t.Cleanup(func() { close(release) })
		quick := serve(t, func(http.ResponseWriter, *http.Request) {})
		slowID, _ := b.endpoint(slow.URL)
		b.endpoint(quick.URL)
		b.start(delivery.Config{Concurrency: 64, Drain: time.Millisecond})
		b.emit(60)
		for range 60 {
			if outcome := b.stored(); outcome.Claim.EndpointID == slowID || !outcome.Succeeded {
				t.Fatalf("unexpected %+v", outcome)
			}
		}
		if n := len(hanging); n > 16 {
			t.Errorf("%d attempts to the slow endpoint at once, want at most 16", n)
		}
		b.stop()
	})
}

// A stop gives back the leases of what it cuts off, so that another process need not wait for them.
func TestEngine_StopReleasesLeases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		release, arrived := make(chan struct{}), make(chan struct{}, 10)
		server := serve(t, func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release })
		t.Cleanup(func() { close(release) })
		b.endpoint(server.URL)
		b.start(delivery.Config{Drain: time.Millisecond})
		b.emit(1)
		await(t, arrived)
		b.stop()
		b.stop() // twice is safe
		again, err := b.ClaimDeliveries(t.Context(), 10)
		if err != nil || len(again) != 1 || again[0].Attempt != 1 {
			t.Errorf("after the stop: %+v, %v", again, err)
		}
	})
}

// Each answer ends as the contract says: what is retried when, and what is final.
func TestEngine_AnswersDecide(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		b.start(delivery.Config{Jitter: func() float64 { return 0 }})
		for _, c := range []struct {
			status     int
			retryAfter string
			want       string
			in         time.Duration
		}{
			{200, "", "succeeded", 0}, {299, "", "succeeded", 0}, {302, "", "failed", 0}, {404, "", "failed", 0}, {410, "", "failed", 0},
			{408, "", "pending", time.Minute}, {429, "7200", "pending", 2 * time.Hour}, {500, "1", "pending", time.Minute},
			{503, "999999", "pending", 24 * time.Hour},
		} {
			followed := false
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				followed = followed || r.Method != http.MethodPost || r.URL.Path != "/"
				w.Header().Set("Retry-After", c.retryAfter)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, "a\x00\xff"+strings.Repeat("😀", 5000))
			})
			id, _ := b.endpoint(server.URL + "/")
			b.emit(1)
			outcome := b.stored()
			got, attempts, err := b.workspace.Delivery(t.Context(), outcome.Claim.DeliveryID)
			if err != nil || got.Status != c.want || *got.LastStatusCode != c.status || followed {
				t.Errorf("%d: %+v, followed %v, %v", c.status, got, followed, err)
			}
			if kept := *attempts[0].ResponseBody; len(kept) > 5000 || (c.status != 302 && !strings.HasPrefix(kept, "a\uFFFD\uFFFD😀")) {
				t.Errorf("%d: kept %d bytes: %.20q", c.status, len(kept), kept)
			}
			if c.in > 0 && got.NextAttemptAt.Sub(b.Clock.Now()) != c.in {
				t.Errorf("%d: next attempt in %v, want %v", c.status, got.NextAttemptAt.Sub(b.Clock.Now()), c.in)
			}
			storetest.Tx(t, b.workspace, func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), id) })
		}
	})
}

// What a name leads to is checked when it is dialled, and the log does not say where that was.
func TestEngine_ForbiddenAddressIsNotDialled(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	b := newBench(t, db)
	reached := false
	server := serve(t, func(http.ResponseWriter, *http.Request) { reached = true })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	b.endpoint("http://localhost.example:" + port)
	strict := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{
		Control: delivery.Guard{}.Control,
	}).DialContext}}
	direct := strict.Transport.(*http.Transport)
	dial := direct.DialContext
	direct.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dial(ctx, network, "127.0.0.1:"+port) // what a rebinding name would lead to
	}
	b.start(delivery.Config{Client: strict})
	b.emit(1)
	outcome := b.stored()
	if reached || outcome.Succeeded || *outcome.Attempt.Error != delivery.ErrForbidden.Error() || outcome.RetryIn == nil {
		t.Errorf("reached %v, %+v, error %q", reached, outcome, *outcome.Attempt.Error)
	}
}
