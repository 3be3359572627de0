package server_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/webhooks"
	"github.com/thebigclass/api/webhooks/delivery"
)

// patience bounds the waits for signals of a test that fails.
const patience = 20 * time.Second

// Endpoint makes an endpoint by API and returns it with its secret.
func (app *App) Endpoint(url string, events ...string) gen.CreatedWebhookEndpoint {
	app.Helper()
	if len(events) == 0 {
		events = []string{"*"}
	}
	return decode[gen.CreatedWebhookEndpointResponse](app.Post("/api/v1/webhook-endpoints", map[string]any{"url": url, "events": events}).Want(201)).Data
}

// NewStudent makes a student by API, which emits student.created.
func (app *App) NewStudent() gen.Student {
	app.Helper()
	return decode[gen.StudentResponse](app.Post("/api/v1/students", map[string]any{"email": "s-" + next() + "@example.com", "displayName": "Zoë <b>"}).Want(201)).Data
}

// Deliveries lists deliveries.
func (app *App) Deliveries(query string) []gen.Delivery {
	app.Helper()
	return decode[gen.DeliveryList](app.Get("/api/v1/webhook-deliveries" + query).Want(200)).Data
}

// Delivery shows one.
func (app *App) Delivery(id string) gen.DeliveryDetail {
	app.Helper()
	return decode[gen.DeliveryDetailResponse](app.Get("/api/v1/webhook-deliveries/" + id).Want(200)).Data
}

// received is a request that a receiver got.
type received struct {
	Header http.Header
	Body   []byte
}

// receiver takes webhooks in the manner of a customer.
type receiver struct {
	*App
	URL string
	got chan received

	mu     sync.Mutex
	status int
}

func (app *App) receiver() *receiver {
	app.Helper()
	r := &receiver{App: app, got: make(chan received, 100), status: http.StatusNoContent}
	listening := httptest.NewServer(r)
	app.Cleanup(listening.Close)
	r.URL = listening.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		r.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.WriteHeader(r.status)
	r.got <- received{request.Header.Clone(), body}
}

// answer is what the receiver says from now on.
func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// want waits for a webhook of the type whose signature is good.
func (r *receiver) want(kind, secret string) received {
	r.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case got := <-r.got:
		if err := webhooks.Verify(got.Header.Get(webhooks.HeaderSignature), got.Body, r.DB.Clock.Now(), secret); err != nil {
			r.Errorf("the signature of %s: %v", got.Body, err)
		}
		if got.Header.Get(webhooks.HeaderEvent) != kind {
			r.Fatalf("received %s, want %s", got.Header.Get(webhooks.HeaderEvent), kind)
		}
		return got
	case <-timer.C:
		r.Fatalf("no %s came", kind)
		panic("unreachable")
	}
}

// deliver runs an engine on the app's database until the test ends. The channel
// has a signal after each group of completions.
func (app *App) deliver() <-chan struct{} {
	app.Helper()
	return app.deliverWith(delivery.Config{})
}

// deliverWith is deliver with an engine that differs from the usual one.
func (app *App) deliverWith(config delivery.Config) <-chan struct{} {
	app.Helper()
	watched := &watchedQueue{Queue: app.DB.Store, recorded: make(chan struct{}, 100)}
	config.Queue, config.Guard, config.Now = watched, loopback, app.DB.Clock.Now
	engine, err := delivery.New(config)
	if err != nil {
		app.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	app.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			app.Error(err)
		}
	})
	return watched.recorded
}

// watchedQueue tells when completions were stored.
type watchedQueue struct {
	delivery.Queue
	recorded chan struct{}
}

func (w *watchedQueue) CompleteDeliveries(ctx context.Context, outcomes []store.Outcome) (fenced int, err error) {
	fenced, err = w.Queue.CompleteDeliveries(ctx, outcomes)
	if len(outcomes) > 0 && err == nil {
		w.recorded <- struct{}{}
	}
	return fenced, err
}

// recorded waits for a signal of deliver.
func (app *App) recorded(from <-chan struct{}) {
	app.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-from:
	case <-timer.C:
		app.Fatal("no attempt was recorded")
	}
}
