package delivery

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/thebigclass/api/store"
)

// Queue is the part of the store that an Engine works on.
type Queue interface {
	ClaimDeliveries(ctx context.Context, slots int) ([]store.Claim, error)
	CompleteDeliveries(ctx context.Context, outcomes []store.Outcome) (fenced int, err error)
	ReleaseDeliveries(ctx context.Context, claims []store.Claim) error
	NextDue(ctx context.Context) (at time.Time, in time.Duration, ok bool, err error)
	Queued() <-chan struct{}
	CurrentSecrets(ctx context.Context, claim store.Claim) ([]string, error)
}

// Config says how to deliver. Queue and Now are required; the rest has defaults.
type Config struct {
	Queue Queue
	Guard Guard
	// Client sends; nil is NewClient(Guard).
	Client *http.Client
	Now    func() time.Time
	Log    *slog.Logger
	// Retries are the delays after each failed attempt; nil is DefaultRetries.
	Retries []time.Duration
	// DisableAfter is how long an endpoint may fail until it is disabled; 0 is a week.
	DisableAfter time.Duration
	// BaseURL is shown to endpoints in User-Agent, so that their owners find out who we are.
	BaseURL string
	// Concurrency bounds the attempts under way in this process; 0 is 512. An endpoint has at most 16 of them, so
	// that many endpoints must hang before others wait, and an endpoint that hangs is soon down to one.
	Concurrency int
	// Poll is how often to look for what other processes queued, or what a retry made due; 0 is 200 ms.
	Poll time.Duration
	// Drain is how long a stop waits for attempts under way before it cuts them off; 0 is 10 s.
	Drain time.Duration
	// Jitter is uniform in [0, 1), and called from several goroutines; nil is math/rand.
	Jitter func() float64
	// Observer hears what the engine does; nil is nobody.
	Observer Observer
}

// Engine delivers. Any number of them may work on one PostgreSQL database, one in each process.
type Engine struct {
	queue       Queue
	sender      sender
	schedule    schedule
	now         func() time.Time
	log         *slog.Logger
	observer    Observer
	disable     time.Duration
	concurrency int
	poll, drain time.Duration

	results chan finished
	freed   chan struct{} // holds one signal that slots became free
	nudge   chan struct{} // holds one signal from Wake

	mu   sync.Mutex
	busy int // slots taken: from the claim until the completion is stored
}

// finished is an attempt that has to be recorded.
type finished struct {
	outcome store.Outcome
	cut     bool // by our own stop: nothing is recorded
}

// New makes an Engine; Run starts it.
func New(cfg Config) (*Engine, error) {
	if cfg.Queue == nil || cfg.Now == nil {
		return nil, errors.New("delivery: Config needs a Queue and Now")
	}
	e := &Engine{
		queue: cfg.Queue, now: cfg.Now, log: cfg.Log, observer: cfg.Observer,
		disable:     cmp.Or(cfg.DisableAfter, 7*24*time.Hour),
		concurrency: cmp.Or(cfg.Concurrency, 512),
		poll:        cmp.Or(cfg.Poll, 200*time.Millisecond),
		drain:       cmp.Or(cfg.Drain, 10*time.Second),
		freed:       make(chan struct{}, 1),
		nudge:       make(chan struct{}, 1),
		schedule:    schedule{delays: cfg.Retries, jitter: cfg.Jitter},
		sender: sender{
			client: cfg.Client, guard: cfg.Guard, now: cfg.Now, userAgent: userAgent(cfg.BaseURL), secrets: cfg.Queue.CurrentSecrets,
		},
	}
	e.results = make(chan finished, e.concurrency) // an attempt never waits for its completion
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.observer == nil {
		e.observer = unobserved{}
	}
	if e.sender.client == nil {
		e.sender.client = NewClient(cfg.Guard)
	}
	if e.schedule.delays == nil {
		e.schedule.delays = DefaultRetries()
	}
	if e.schedule.jitter == nil {
		e.schedule.jitter = rand.Float64
	}
	return e, nil
}

func userAgent(baseURL string) string {
	if baseURL == "" {
		return "TheBigClass-Webhooks/1"
	}
	return "TheBigClass-Webhooks/1 (+" + baseURL + ")"
}

// Wake makes the engine look at the queue now.
func (e *Engine) Wake() { signal(e.nudge) }

func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends. Then it claims nothing more, waits for the attempts under way, cuts off those that
// take longer than Drain, gives back the leases of what it cut off, and returns. It may run once.
func (e *Engine) Run(ctx context.Context) error {
	lasting := context.WithoutCancel(ctx)
	sending, cut := context.WithCancel(lasting)
	defer cut()
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		e.recordAll(lasting, ctx.Done())
	}()
	var attempts sync.WaitGroup
	e.claimAll(ctx, func(claim store.Claim) {
		attempts.Go(func() { e.results <- e.attempt(sending, claim) })
	})
	deadline := time.AfterFunc(e.drain, cut)
	defer deadline.Stop()
	attempts.Wait()
	close(e.results)
	<-recorded
	e.sender.client.CloseIdleConnections()
	return nil
}

// claimPause is the least time between two claims that found something: what is queued meanwhile is claimed together.
const claimPause = 2 * time.Millisecond

// claimTimeout is longer than a claim ever takes on a database that works.
const claimTimeout = 10 * time.Second

// claimAll claims whenever something is due and slots are free, and starts an attempt for each claim.
func (e *Engine) claimAll(ctx context.Context, start func(store.Claim)) {
	for ctx.Err() == nil {
		n, err := e.claim(ctx, start)
		if err != nil {
			e.log.ErrorContext(ctx, "claim webhook deliveries", "error", err)
			pause(ctx, e.poll)
			continue
		}
		if n > 0 {
			pause(ctx, claimPause)
			if e.isDue(ctx) {
				continue
			}
		}
		e.wait(ctx)
	}
}

// claim takes what it can and returns how much that was. The claim itself is not cut off by a stop: a lease that
// nobody knows of would hold its delivery back for a minute.
func (e *Engine) claim(ctx context.Context, start func(store.Claim)) (int, error) {
	slots := e.concurrency - e.taken()
	if slots < 1 {
		return 0, nil
	}
	claiming, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTimeout)
	defer cancel()
	began := e.now()
	claims, err := e.queue.ClaimDeliveries(claiming, slots)
	if err != nil {
		return 0, err
	}
	expired := 0
	for _, claim := range claims {
		if claim.Expired {
			expired++
		}
	}
	e.observer.Claimed(ctx, len(claims), expired, e.now().Sub(began))
	if ctx.Err() != nil {
		return 0, e.queue.ReleaseDeliveries(claiming, claims)
	}
	e.take(len(claims))
	for _, claim := range claims {
		start(claim)
	}
	return len(claims), nil
}

// wait returns when there may be something to claim: at once after a commit in this process; after a completion or
// a poll only if the queue has something due. The probe is far cheaper than an empty claim.
func (e *Engine) wait(ctx context.Context) {
	timer := time.NewTimer(e.poll)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.queue.Queued():
			return
		case <-e.nudge:
			return
		case <-e.freed:
		case <-timer.C:
			timer.Reset(e.poll)
		}
		if e.isDue(ctx) {
			return
		}
	}
}

func (e *Engine) isDue(ctx context.Context) bool {
	_, in, ok, err := e.queue.NextDue(ctx)
	if err != nil && ctx.Err() == nil {
		e.log.ErrorContext(ctx, "look at the webhook queue", "error", err)
	}
	return err == nil && ok && in <= 0
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (e *Engine) taken() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.busy
}

func (e *Engine) take(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy += n
}
