package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/cli"
)

const (
	// callTimeout is for a whole call, its body included.
	callTimeout = 2 * time.Minute

	// largestAnswer bounds the memory of a page. A page of a hundred is rarely
	// over a megabyte; one that is too large is asked for in smaller parts.
	largestAnswer = 16 << 20

	// With backoffs of 1, 2, 4 up to 60 seconds, a service that is away is
	// waited for for about five minutes.
	mostAttempts   = 10
	longestBackoff = time.Minute
)

// errTooLarge is a page that does not fit largestAnswer.
var errTooLarge = errors.New("the answer is too large")

// refusal is an answer that asking again would not change.
type refusal struct {
	status              int
	code, text, request string
}

func (r *refusal) Error() string {
	switch r.status {
	case http.StatusUnauthorized:
		return fmt.Sprintf("the key is not accepted (401, request %s): it is unknown, revoked or expired; with a good one the same command goes on where this stopped", r.request)
	case http.StatusForbidden:
		return fmt.Sprintf("the key may not read this (403, request %s): %s", r.request, r.text)
	default:
		return fmt.Sprintf("the service refuses the call (%d %s, request %s): %s", r.status, r.code, r.request, r.text)
	}
}

// service is the API as one key sees it. It makes one call at a time, so that
// what an answer says of the quotas holds for the call after it.
type service struct {
	api   *client.Client
	quota quota
	clock clock
	calls int

	// waited is the time spent on calls, from sending one until its whole answer is here, and on pauses.
	waited time.Duration

	// waiting is told of every wait, before it.
	waiting func(d time.Duration, why string)
}

func newService(url, key string, transport http.RoundTripper, c clock) (*service, error) {
	s := &service{clock: c, waiting: func(time.Duration, string) {}}
	doer := &http.Client{
		Timeout: callTimeout, Transport: transport,
		// The API never redirects. Whatever does is not the API and gets no key.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var err error
	s.api, err = client.NewClient(url+"/api/v1/", client.WithHTTPClient(doer),
		client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+key)
			r.Header.Set("User-Agent", "tbc-export")
			return nil
		}))
	return s, err
}

// call makes one kind of request.
type call func(ctx context.Context, api *client.Client) (*http.Response, error)

// get makes a call until it is answered with a 200, and returns the body. It
// keeps within the quotas, waits as it is told, and takes 5xx and a broken
// connection for a moment's trouble.
func (s *service) get(ctx context.Context, make call) ([]byte, error) {
	for attempt := 1; ; attempt++ {
		if err := s.keepWithin(ctx); err != nil {
			return nil, err
		}
		body, pause, err := s.try(ctx, make)
		if err == nil {
			return body, nil
		}
		var refused *refusal
		if ctx.Err() != nil || errors.As(err, &refused) || errors.As(err, new(daySpentError)) || errors.Is(err, errTooLarge) {
			return nil, errors.Join(ctx.Err(), err)
		}
		if attempt == mostAttempts {
			return nil, fmt.Errorf("gave up after %d attempts; the same command goes on where this stopped: %w", mostAttempts, err)
		}
		if pause == 0 {
			pause = min(time.Second<<(attempt-1), longestBackoff)
		}
		if err := s.pause(ctx, pause, err.Error()); err != nil {
			return nil, err
		}
	}
}

// keepWithin waits until the quotas have room.
func (s *service) keepWithin(ctx context.Context) error {
	for {
		pause, err := s.quota.wait(s.clock.now())
		if pause <= 0 || err != nil {
			return err
		}
		why := "for the next minute of the quota"
		if pause > time.Minute {
			why = "for the next day of the quota"
		}
		if err := s.pause(ctx, pause, why); err != nil {
			return err
		}
	}
}

// pause keeps still, and says why.
func (s *service) pause(ctx context.Context, d time.Duration, why string) error {
	s.waiting(d, why)
	defer s.waitedSince(s.clock.now())
	return s.clock.sleep(ctx, d)
}

func (s *service) waitedSince(began time.Time) { s.waited += s.clock.now().Sub(began) }

// try makes a call once. A pause is one that the service asks for.
func (s *service) try(ctx context.Context, make call) (body []byte, pause time.Duration, err error) {
	a, err := s.answer(ctx, make)
	body = a.body
	switch {
	case err != nil && a.status == 0:
		return nil, 0, err
	case err != nil:
		return nil, 0, fmt.Errorf("the answer was cut off: %w", err)
	case len(body) > largestAnswer:
		return nil, 0, errTooLarge
	case a.status == http.StatusOK && json.Valid(body):
		return body, 0, nil
	case a.status == http.StatusOK:
		return nil, 0, errors.New("the answer is no JSON")
	case a.status == http.StatusTooManyRequests:
		pause, err := s.tooMany(a.header)
		return nil, pause, err
	case a.status >= 500 || a.status == http.StatusRequestTimeout:
		return nil, 0, fmt.Errorf("the service answers %d", a.status)
	}
	return nil, 0, refused(a)
}

// answer is what a call was answered, as far as it came. Without an answer its status is 0.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// answer sends a call and waits for the whole of its answer.
func (s *service) answer(ctx context.Context, make call) (a answer, err error) {
	defer s.waitedSince(s.clock.now())
	s.calls++
	response, err := make(ctx, s.api)
	if err != nil {
		s.quota.count()
		return a, err
	}
	defer response.Body.Close()
	s.quota.read(response.Header, s.clock.now())
	body, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer+1))
	return answer{response.StatusCode, response.Header, body}, err
}

// tooMany honours Retry-After. It happens when others use up the key's quota.
func (s *service) tooMany(header http.Header) (time.Duration, error) {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		seconds = 60
	}
	pause := time.Duration(seconds) * time.Second
	if pause > time.Minute && !s.quota.waitForDay {
		return 0, daySpentError{s.quota.day.limit, s.quota.day.remaining, s.clock.now().Add(s.quota.ahead + pause)}
	}
	return pause, errors.New("others use the key too: 429")
}

func refused(a answer) error {
	var envelope struct {
		Error struct{ Code, Message string }
	}
	r := &refusal{status: a.status, code: "without a code", text: "the answer is not in the API's form; is this the right address?"}
	if json.Unmarshal(a.body, &envelope) == nil && envelope.Error.Code != "" {
		r.code, r.text = envelope.Error.Code, cli.Printable(envelope.Error.Message)
	}
	r.request = cli.Printable(a.header.Get("X-Request-Id"))
	return r
}
