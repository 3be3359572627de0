package delivery_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks"
	"github.com/thebigclass/api/webhooks/delivery"
)

// stepping is a queue whose engine a test can wait for: between two moves of the clock everything due is done.
type stepping struct {
	*store.Store
	mu     sync.Mutex
	flying int
	moved  chan struct{}
}

func (q *stepping) ClaimDeliveries(ctx context.Context, slots int) ([]store.Claim, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	claims, err := q.Store.ClaimDeliveries(ctx, slots)
	q.move(len(claims))
	return claims, err
}

func (q *stepping) CompleteDeliveries(ctx context.Context, list []store.Outcome) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	fenced, err := q.Store.CompleteDeliveries(ctx, list)
	q.move(-len(list))
	return fenced, err
}

func (q *stepping) move(n int) {
	q.flying += n
	select {
	case q.moved <- struct{}{}:
	default:
	}
}

// busy reports whether something is under way or due.
func (q *stepping) busy(t *testing.T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, in, ok, err := q.NextDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return q.flying > 0 || (ok && in <= 0)
}

// arrival is a request that a receiver got, at the time of the clock.
type arrival struct {
	at       time.Time
	number   int
	delivery string
	body     string
}

// school is a workspace with one endpoint, an engine, and a receiver that verifies what it gets.
type school struct {
	*storetest.DB
	t         *testing.T
	workspace *store.Workspace
	endpoint  string
	queue     *stepping
	engine    *delivery.Engine
	emitted   int

	mu       sync.Mutex
	answer   func(arrival, http.Header) int
	arrivals []arrival
}

func newSchool(t *testing.T, db *storetest.DB) *school {
	t.Helper()
	s := &school{
		DB: db, t: t, workspace: db.NewWorkspace(t), queue: &stepping{Store: db.Store, moved: make(chan struct{}, 1)},
		answer: func(arrival, http.Header) int { return http.StatusInternalServerError },
	}
	secrets := make(chan string, 1)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		secret := <-secrets
		secrets <- secret
		w.WriteHeader(s.receive(w.Header(), r, secret))
	})
	b := &bench{DB: db, t: t, workspace: s.workspace}
	id, secret := b.endpoint(server.URL)
	s.endpoint = id
	secrets <- secret
	s.engine = run(t, delivery.Config{Queue: s.queue, Now: db.Clock.Now})
	return s
}

func (s *school) receive(header http.Header, r *http.Request, secret string) int {
	body, err := io.ReadAll(r.Body)
	now := s.Clock.Now()
	if err == nil {
		err = webhooks.Verify(r.Header.Get("X-TBC-Signature"), body, now, secret)
	}
	if err != nil {
		s.t.Errorf("at %v: %v", now, err)
	}
	number, _ := strconv.Atoi(r.Header.Get("X-TBC-Attempt"))
	got := arrival{now, number, r.Header.Get("X-TBC-Delivery"), string(body)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals = append(s.arrivals, got)
	return s.answer(got, header)
}

// answers sets what the receiver answers from now on.
func (s *school) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = func(arrival, http.Header) int { return status }
}

func (s *school) received() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.arrivals)
}

// emit makes an event happen.
func (s *school) emit() {
	s.t.Helper()
	storetest.Tx(s.t, s.workspace, func(tx *store.Tx) error {
		return tx.Emit(s.t.Context(), store.Event{Type: "student.created", Data: map[string]any{"id": "stu_1", "n": s.emitted}})
	})
	s.emitted++
	s.settle()
}

// settle waits until all that is due is done.
func (s *school) settle() {
	s.t.Helper()
	for s.queue.busy(s.t) {
		s.engine.Wake()
		await(s.t, s.queue.moved)
	}
}

// until moves the clock to a time, stopping wherever something becomes due.
func (s *school) until(end time.Time) {
	s.t.Helper()
	for {
		s.settle()
		next, _, ok, err := s.NextDue(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if !ok || next.After(end) {
			break
		}
		s.Clock.Set(next)
	}
	s.Clock.Set(end)
}

func (s *school) state() store.Endpoint {
	s.t.Helper()
	endpoint, err := s.workspace.Endpoint(s.t.Context(), s.endpoint)
	if err != nil {
		s.t.Fatal(err)
	}
	return endpoint
}

func (s *school) deliveries(status string) []store.Delivery {
	s.t.Helper()
	page, err := s.workspace.Deliveries(s.t.Context(), store.DeliveryQuery{ListOptions: store.ListOptions{Limit: 100}, Status: status})
	if err != nil {
		s.t.Fatal(err)
	}
	return page.Items
}

// published is the schedule as developers read it; not the engine's own copy.
var published = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour}

// The whole schedule, on the clock: seven attempts over 32 h 36 min, none early, none more than a tenth late, all
// with the same bytes; then it has failed, and nothing follows.
func TestSchedule_RunsSevenAttemptsOver32Hours36Minutes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		s.emit()
		s.until(storetest.Start.Add(30 * 24 * time.Hour))
		got := s.received()
		s.wantSpacing(got, published)
		list := s.deliveries("")
		if len(list) != 1 || list[0].Status != store.DeliveryFailed || list[0].AttemptCount != 7 || list[0].NextAttemptAt != nil {
			t.Errorf("deliveries %+v", list)
		}
		const whole = 32*time.Hour + 36*time.Minute
		if took := got[len(got)-1].at.Sub(got[0].at); took < whole || took > whole+whole/10 {
			t.Errorf("the schedule took %v, want %v", took, whole)
		}
	})
}

// Retry-After makes a step longer, and none shorter.
func TestSchedule_RetryAfterLengthensAndNeverShortens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		asked := map[int]string{
			2: "3600",                                        // after the second attempt: an hour instead of five minutes
			4: "60",                                          // a minute instead of two hours
			5: "Mon, 02 Mar 2026 10:00:00 GMT",               // a date that has passed
			6: strconv.Itoa(int((40 * time.Hour).Seconds())), // more than the day that can be asked for
		}
		s.answer = func(a arrival, header http.Header) int {
			if value := asked[a.number]; value != "" {
				header.Set("Retry-After", value)
			}
			return http.StatusServiceUnavailable
		}
		s.emit()
		s.until(storetest.Start.Add(30 * 24 * time.Hour))
		want := slices.Clone(published)
		want[1] = time.Hour
		s.wantSpacing(s.received(), want)
	})
}

// wantSpacing checks seven attempts with the same bytes, spaced by steps and at most a tenth more.
func (s *school) wantSpacing(got []arrival, steps []time.Duration) {
	s.t.Helper()
	if len(got) != len(steps)+1 {
		s.t.Fatalf("%d attempts, want %d: %+v", len(got), len(steps)+1, got)
	}
	for i, a := range got {
		if a.number != i+1 || a.delivery != got[0].delivery || a.body != got[0].body {
			s.t.Errorf("attempt %d is %+v", i+1, a)
		}
		if i == 0 {
			continue
		}
		step := steps[i-1]
		if gap := a.at.Sub(got[i-1].at); gap < step || gap > step+step/10 {
			s.t.Errorf("attempt %d came after %v, want %v to a tenth more", i+1, gap, step)
		}
	}
}
