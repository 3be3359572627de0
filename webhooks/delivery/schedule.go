package delivery

import (
	"net/http"
	"strconv"
	"time"
)

// DefaultRetries are the published delays after each failed attempt: seven attempts in all.
func DefaultRetries() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour}
}

const (
	// maxRetryAfter is the longest that an endpoint can ask us to wait.
	maxRetryAfter = 24 * time.Hour
	// jitterShare is by how much of a delay jitter may lengthen it.
	jitterShare = 0.1
)

// schedule says when to try again.
type schedule struct {
	delays []time.Duration
	jitter func() float64 // in [0, 1)
}

// next is the delay after a failed attempt that followed tries others of the same schedule; false if it was the
// last. Jitter makes it later by at most a tenth, never earlier. Retry-After may lengthen it, to 24 hours at most,
// and never shortens it.
func (s schedule) next(tries int, retryAfter time.Duration) (time.Duration, bool) {
	if tries >= len(s.delays) {
		return 0, false
	}
	delay := s.delays[tries]
	delay += time.Duration(float64(delay) * jitterShare * s.jitter())
	return max(delay, min(retryAfter, maxRetryAfter)), true
}

// retryAfter reads the header in both of its forms; 0 if there is none, or none that makes sense.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if when, err := http.ParseTime(value); err == nil {
		return max(0, when.Sub(now))
	}
	return 0
}

// retryable reports whether an answer means "not now" rather than "no".
func retryable(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
}
