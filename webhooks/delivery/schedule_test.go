package delivery

import (
	"net/http"
	"testing"
	"time"
)

func TestSchedule_IsAsPublished(t *testing.T) {
	t.Parallel()
	want := []string{"1m0s", "5m0s", "30m0s", "2h0m0s", "6h0m0s", "24h0m0s"}
	s := schedule{delays: DefaultRetries(), jitter: func() float64 { return 0 }}
	for tries, delay := range want {
		if got, ok := s.next(tries, 0); !ok || got.String() != delay {
			t.Errorf("after %d attempts: %v, %v; want %s", tries+1, got, ok, delay)
		}
	}
	if _, ok := s.next(len(want), 0); ok {
		t.Error("there is an eighth attempt")
	}
}

// Jitter makes a retry later, by a tenth at most, and never earlier than published.
func TestSchedule_JitterIsOnlyLater(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{0, 0.25, 0.999999} {
		s := schedule{delays: DefaultRetries(), jitter: func() float64 { return share }}
		for tries, delay := range DefaultRetries() {
			got, _ := s.next(tries, 0)
			if got < delay || got > delay+delay/10 {
				t.Errorf("delay %v became %v", delay, got)
			}
		}
	}
}

func TestSchedule_RetryAfterOnlyLengthensToADayAtMost(t *testing.T) {
	t.Parallel()
	s := schedule{delays: []time.Duration{time.Hour, 30 * time.Hour}, jitter: func() float64 { return 0 }}
	for _, c := range []struct {
		tries             int
		retryAfter, delay time.Duration
	}{
		{0, time.Second, time.Hour}, {0, 2 * time.Hour, 2 * time.Hour}, {0, 48 * time.Hour, 24 * time.Hour}, {1, 48 * time.Hour, 30 * time.Hour},
	} {
		if got, _ := s.next(c.tries, c.retryAfter); got != c.delay {
			t.Errorf("try %d, Retry-After %v: %v, want %v", c.tries, c.retryAfter, got, c.delay)
		}
	}
}

func TestRetryAfter_ReadsSecondsAndDates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "-5": 0, "1.5": 0, "soon": 0, "99999999999": 0, "0": 0,
		"Mon, 02 Mar 2026 10:01:00 GMT": time.Minute, "Mon, 02 Mar 2026 09:59:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", value, got, want)
		}
	}
}

func TestRetryable_IsServerFaultsAndNotNow(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		301: false, 302: false, 400: false, 401: false, 404: false, 408: true, 410: false, 429: true, 500: true, 503: true, 599: true,
	} {
		if retryable(status) != want {
			t.Errorf("status %d: retryable %v", status, !want)
		}
	}
}
