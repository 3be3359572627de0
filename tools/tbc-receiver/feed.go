package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/cli"
)

const (
	// longestSilence is three comments of the service that did not come: its stream is dead.
	longestSilence = 45 * time.Second
	headTimeout    = 30 * time.Second

	// longestLine bounds the memory of a stream. No event is over 64 KiB.
	longestLine = 1 << 20
	largestPage = 1 << 20
)

var (
	errSilent   = errors.New("the stream was silent for too long")
	errNoAnswer = errors.New("the service accepts the call and does not answer it")
)

// laterError is an answer that asks to come back later.
type laterError struct {
	error
	after time.Duration
}

// feed is the events of a workspace, as the API gives them.
type feed struct {
	address string
	silence time.Duration
	api     *client.Client
}

func newFeed(address, key string, silence time.Duration) (*feed, error) {
	if silence == 0 {
		silence = longestSilence
	}
	doer := &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableCompression: true,
			TLSHandshakeTimeout: min(silence, headTimeout), ResponseHeaderTimeout: headTimeout,
		},
		// The API never redirects. Whatever does is not the API and gets no key.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	api, err := client.NewClient(address+"/api/v1/", client.WithHTTPClient(doer),
		client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+key)
			r.Header.Set("User-Agent", "tbc-receiver")
			return nil
		}))
	return &feed{address: address, silence: silence, api: api}, err
}

// firstSince is the body of the first event at or after a time, or nil if there is none. It waits for the whole answer
// no longer than for a stream.
func (f *feed) firstSince(ctx context.Context, since time.Time) ([]byte, error) {
	ctx, end := context.WithTimeoutCause(ctx, f.silence, errNoAnswer)
	defer end()
	one := 1
	response, err := f.api.ListEvents(ctx, &client.ListEventsParams{Limit: &one, Since: &since})
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, refused(response, "", false)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, largestPage))
	if err != nil {
		return nil, fmt.Errorf("the answer was cut: %w", err)
	}
	var page struct{ Data []json.RawMessage } // its bytes are those that are signed
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, fmt.Errorf("the answer is no list of events: %w", err)
	}
	if len(page.Data) == 0 {
		return nil, nil
	}
	return page.Data[0], nil
}

// stream is one that is open.
type stream struct {
	date  time.Time // when it began, by the service's clock; zero if that was not told
	ctx   context.Context
	end   context.CancelCauseFunc
	body  io.ReadCloser
	lines *bufio.Scanner

	silence time.Duration
}

// open asks for what comes behind an event, or from now on. Before says that there was a stream before.
func (f *feed) open(ctx context.Context, after string, before bool) (*stream, error) {
	ctx, end := context.WithCancelCause(ctx)
	params := &client.StreamEventsParams{}
	if after != "" {
		params.LastEventID = &after
	}
	response, err := f.api.StreamEvents(ctx, params)
	if err != nil {
		end(nil)
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		defer end(nil)
		defer response.Body.Close()
		defer time.AfterFunc(f.silence, func() { end(errNoAnswer) }).Stop()
		return nil, refused(response, after, before)
	}
	s := &stream{ctx: ctx, end: end, body: response.Body, silence: f.silence}
	s.date, _ = http.ParseTime(response.Header.Get("Date"))
	s.lines = bufio.NewScanner(s)
	s.lines.Buffer(nil, longestLine)
	return s, nil
}

func (s *stream) close() {
	s.end(nil)
	_ = s.body.Close()
}

// Read implements io.Reader. It waits no longer than a living stream can be silent.
func (s *stream) Read(p []byte) (int, error) {
	timer := time.AfterFunc(s.silence, func() { s.end(errSilent) })
	defer timer.Stop()
	n, err := s.body.Read(p)
	if cause := context.Cause(s.ctx); err != nil && cause != nil {
		err = cause
	}
	return n, err
}

// block is what stands between two empty lines of a stream.
type block struct {
	id      string
	data    []byte
	retry   time.Duration
	comment bool
}

// next reads a whole block. What a cut has left of one is no block.
func (s *stream) next() (b block, err error) {
	for s.lines.Scan() {
		line := s.lines.Bytes()
		if len(line) == 0 {
			return b, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "":
			b.comment = true
		case "id":
			b.id = string(value)
		case "retry":
			if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
				b.retry = time.Duration(ms) * time.Millisecond
			}
		case "data":
			if b.data != nil { // the service writes one line; the standard allows for more
				b.data = append(b.data, '\n')
			}
			b.data = append(b.data, value...)
		}
		if len(b.data) > longestLine {
			return b, finalError{bufio.ErrTooLong}
		}
	}
	switch err := s.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return b, finalError{errors.New("the stream has a line of over a megabyte, as no event has; is this the right address?")}
	case err != nil:
		return b, fmt.Errorf("the stream was cut: %w", err)
	}
	return b, errors.New("the stream has ended")
}

// refused says in a sentence what an answer other than a stream means, and whether to ask again.
func refused(response *http.Response, after string, before bool) error {
	var envelope client.ErrorResponse
	text, _ := io.ReadAll(io.LimitReader(response.Body, largestPage))
	_ = json.Unmarshal(text, &envelope) // without a message the status says enough
	said := message(envelope)
	request := cli.Printable(response.Header.Get("X-Request-Id"))
	final := func(format string, args ...any) error { return finalError{fmt.Errorf(format, args...)} }
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized:
		return final("the key is not accepted by %s (401, request %s): there it is unknown, revoked or expired", response.Request.URL.Host, request)
	case status == http.StatusForbidden:
		return final("the key may not follow events (403, request %s): it needs the scope read:events. The service says: %s", request, said)
	case status == http.StatusNotFound:
		return final("there is no stream of events at this address (404): is it the right one? See --url")
	case status == http.StatusUnprocessableEntity && names(envelope, "Last-Event-ID"):
		return final("the service cannot go on behind %s (422, request %s): it is no event of the last 30 days in the key's workspace. "+
			"Begin anew, without the file of --state, or with --since", cli.Printable(after), request)
	case status == http.StatusUnprocessableEntity && before:
		// The service may not have noticed yet that the stream before is gone, and each key has few.
		return fmt.Errorf("the service refuses the stream for now (422): %s", said)
	case status == http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			seconds = 60
		}
		return laterError{errors.New("the key's calls are used up (429)"), time.Duration(seconds) * time.Second}
	case status >= 500, status == http.StatusRequestTimeout:
		return fmt.Errorf("the service answers %d", status)
	case envelope.Error.Code == "":
		return final("the answer is not in the API's form (%d): is this the right address? See --url", status)
	default:
		return final("the service refuses the call (%d, request %s): %s", status, request, said)
	}
}

// message is all that an error says.
func message(envelope client.ErrorResponse) string {
	text := envelope.Error.Message
	for _, d := range details(envelope) {
		text += " " + strings.TrimSpace(d.Field+" "+d.Issue) + "."
	}
	return cli.Printable(text)
}

// names reports whether an error is about this parameter.
func names(envelope client.ErrorResponse, parameter string) bool {
	return slices.ContainsFunc(details(envelope), func(d client.ErrorDetail) bool { return d.Field == parameter })
}

func details(envelope client.ErrorResponse) []client.ErrorDetail {
	if envelope.Error.Details == nil {
		return nil
	}
	return *envelope.Error.Details
}
