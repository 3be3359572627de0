package recipe

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// permanent is an error that trying again would not change.
type permanent struct{ error }

// Unwrap gives the cause.
func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error that trying again would not change: the event is put aside, with the text, for a person.
func Permanent(err error) error { return permanent{err} }

// IsPermanent tells whether an error, or one that it wraps, is Permanent.
func IsPermanent(err error) bool { return errors.As(err, new(permanent)) }

// later is an error that says when to try again.
type later struct {
	error
	wait time.Duration
}

// Unwrap gives the cause.
func (l later) Unwrap() error { return l.error }

// After marks an error after which to wait that long, at least, before the next attempt.
func After(wait time.Duration, err error) error { return later{err, wait} }

// Join is the outcome of parts that have all been tried, so that one that fails keeps no other from its turn. It is nil if
// all are, and Permanent if nothing of what failed is to be tried again; otherwise it waits for the longest After.
func Join(parts ...error) error {
	joined := errors.Join(parts...)
	if joined == nil || !IsPermanent(joined) {
		return joined
	}
	var wait time.Duration
	hopeless := true
	for _, part := range parts {
		if part == nil || IsPermanent(part) {
			continue
		}
		hopeless = false
		if said := (later{}); errors.As(part, &said) {
			wait = max(wait, said.wait)
		}
	}
	if hopeless {
		return joined
	}
	return After(wait, errors.New(joined.Error())) // the text alone: what is wrapped would count as permanent
}

// mostOfAnswer is how much of an answer is read, in bytes; mostShown how much of a refusal a person sees.
const (
	mostOfAnswer = 1 << 20
	mostShown    = 300
)

// Refusal is an answer of a service that is not 2xx.
type Refusal struct {
	Service string
	Status  int // HTTP
	Body    []byte
}

// Error shows the beginning of the body on one line. It may name a person, so it is for the command status, not for a log.
func (r *Refusal) Error() string { return r.head() + ": " + shown(r.Body) }

func (r *Refusal) head() string {
	return fmt.Sprintf("%s answers %d %s", r.Service, r.Status, http.StatusText(r.Status))
}

// forLog is an error without what a service has said, which may name a person.
func forLog(err error) string {
	if refusal := (*Refusal)(nil); errors.As(err, &refusal) {
		return refusal.head()
	}
	return err.Error()
}

// Call asks a service and returns the body of a 2xx answer, a megabyte at most. Other answers are a Refusal: 408, 429 and
// 5xx are tried again, as late as Retry-After says (RFC 9110, section 10.2.3); so are 401 and 403, since somebody will
// mend the credentials and the event is good; all others are Permanent. No error has the URL, which may be a secret.
func (c Console) Call(service string, request *http.Request) ([]byte, error) {
	answer, err := c.HTTP.Do(request)
	if err != nil {
		if inURL := (*url.Error)(nil); errors.As(err, &inURL) {
			err = inURL.Err
		}
		return nil, fmt.Errorf("no answer from %s: %w", service, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostOfAnswer))
	if answer.StatusCode >= 200 && answer.StatusCode <= 299 {
		if err != nil {
			return nil, fmt.Errorf("the answer of %s broke off: %w", service, err)
		}
		return body, nil
	}
	refusal := &Refusal{Service: service, Status: answer.StatusCode, Body: body}
	switch {
	case answer.StatusCode == http.StatusRequestTimeout, answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode >= 500:
		return nil, After(retryAfter(answer.Header.Get("Retry-After"), c.Now()), refusal)
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return nil, refusal
	default:
		return nil, Permanent(refusal)
	}
}

// longestRetryAfter keeps a service's mistake from parking an event for years.
const longestRetryAfter = 24 * time.Hour

// retryAfter reads seconds, which some services give with a fraction, or a date; 0 for what it cannot read.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, longestRetryAfter.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(at.Sub(now), longestRetryAfter)
	}
	return 0
}

// shown is the beginning of an answer on one line.
func shown(body []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "?")), " ")
	if len(text) > mostShown {
		text = strings.ToValidUTF8(text[:mostShown], "") + " …"
	}
	return text
}
