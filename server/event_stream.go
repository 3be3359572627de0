package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

const (
	// streamOperation is the one operation whose answer does not end.
	streamOperation = "streamEvents"
	// streamPoll is how often a stream looks for events of other processes, and at its key.
	streamPoll = time.Second
	// viewTimeout bounds such a look. A stream that cannot look ends: with the poll, a key
	// that has ended keeps no stream for longer than 5 seconds, whatever the database does.
	viewTimeout = 3 * time.Second
	// streamComment is how often a comment shows clients and proxies that the stream lives.
	streamComment = 15 * time.Second
	// streamPatience is how long one event may wait for a reader to take it.
	streamPatience = 30 * time.Second
	// streamPage is how many events a stream holds at once, so at most a megabyte.
	streamPage = 16
	// streamRetry is the wait that clients are asked for before they come back, in
	// milliseconds: five streams that break again and again stay within 60 calls a minute.
	streamRetry = 5000
)

// Why a stream ends that is not for the reader, nor the database, to explain.
var (
	errStreamKey     = errors.New("the key was revoked, has expired or lost the scope")
	errStreamStopped = errors.New("the server stops")
	errStreamLeft    = errors.New("the client hung up")
	errStreamUnread  = errors.New("the reader takes nothing")
	errStreamGap     = errors.New("what comes next is too old and removed")
)

// StreamEvents follows the feed from now on, or behind the event that the caller had last.
func (a *API) StreamEvents(ctx context.Context, req gen.StreamEventsRequestObject) (gen.StreamEventsResponseObject, error) {
	s := &eventStream{
		api: a, ctx: ctx, keyID: callOf(ctx).key.ID, feed: a.workspace(ctx),
		found: make(chan struct{}, 1), beginning: fmt.Sprintf("retry: %d\n", streamRetry),
	}
	if last := req.Params.LastEventID; last != nil {
		return s, s.goOn(*last)
	}
	after, newest, err := s.feed.FeedEnd(ctx)
	if newest != "" {
		// Without data it is no event, but a client that is cut off now comes back with it.
		s.beginning += "id: " + newest + "\n"
	}
	s.after = after
	return s, err
}

// eventStream is one stream: the answer to streamEvents that keeps answering.
type eventStream struct {
	api       *API
	ctx       context.Context // of the request: it ends when the client hangs up
	keyID     string
	feed      *store.Workspace
	after     int64         // the sequence number of the last event that was sent
	beginning string        // the first lines
	found     chan struct{} // holds one signal that the poll found events
}

// goOn begins behind an event.
func (s *eventStream) goOn(lastEventID string) (err error) {
	err = store.ErrNotFound
	if utf8.ValidString(lastEventID) { // a database would choke on other bytes
		s.after, err = s.feed.FeedPosition(s.ctx, lastEventID)
	}
	if errors.Is(err, store.ErrNotFound) {
		return invalid(gen.HeaderLastEventID, "is not an event of the last 30 days in this workspace; read GET /events and open a stream without it")
	}
	return err
}

// VisitStreamEventsResponse is the whole life of the stream. It returns an error only for
// what is a fault of ours, or refuses the stream.
func (s *eventStream) VisitStreamEventsResponse(w http.ResponseWriter) error {
	return s.ended(s.live(w))
}

// live streams until there is a cause to end, and returns it.
func (s *eventStream) live(w http.ResponseWriter) error {
	leave, err := s.api.streams.enter(s.keyID)
	if err != nil {
		return err
	}
	defer leave()
	defer s.api.metrics.StreamOpened()()
	out := newStreamWriter(w, s.api.streams.patience)
	if err := out.open(s.ctx); err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(s.ctx)
	unblocked := make(chan struct{})
	context.AfterFunc(ctx, func() { defer close(unblocked); out.unblock() })
	var watching sync.WaitGroup
	begun := s.after // send goes on counting
	watching.Go(func() { end(s.watch(ctx, begun)) })
	defer func() { end(context.Canceled); watching.Wait(); <-unblocked; out.close(s.ctx) }() // also after a panic
	err = s.send(ctx, out)
	end(err)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err // net/http cancels a request whose answer cannot be written
}

// ended tells the log why, and returns what of that is an error.
func (s *eventStream) ended(cause error) error {
	var unsent *unsentError
	switch {
	case errors.Is(cause, context.Canceled), errors.As(cause, &unsent):
		cause = errStreamLeft
	case errors.Is(cause, errStreamKey), errors.Is(cause, errStreamStopped), errors.Is(cause, errStreamUnread), errors.Is(cause, errStreamGap):
	default:
		return cause
	}
	s.api.log.LogAttrs(s.ctx, slog.LevelInfo, "event stream ended",
		slog.String("requestId", callOf(s.ctx).requestID), slog.String("reason", cause.Error()))
	return nil
}

// send writes what is new whenever there may be something new.
func (s *eventStream) send(ctx context.Context, out *streamWriter) error {
	woken, leave := s.feed.Follow() // before the first look, so that nothing falls between
	defer leave()
	comments, stop := s.api.streams.tick(streamComment)
	defer stop()
	err := out.write(ctx, []byte(s.beginning+"\n"))
	for err == nil {
		if err = s.sendNew(ctx, out); err != nil {
			break
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-woken:
		case <-s.found:
		case <-comments:
			err = out.write(ctx, []byte(":\n\n"))
		}
	}
	return err
}

// sendNew reads on in small pages: a slow reader finds the rest in the store, not in our memory.
func (s *eventStream) sendNew(ctx context.Context, out *streamWriter) error {
	for {
		events, err := s.feed.EventsAfter(ctx, s.after, streamPage)
		if err != nil {
			return err
		}
		for _, event := range events {
			if event.Seq != s.after+1 {
				return errStreamGap // the client comes back and is told so
			}
			block := bytes.Join([][]byte{[]byte("id: " + event.ID + "\ndata: "), event.Body, []byte("\n\n")}, nil)
			if err := out.write(ctx, block); err != nil {
				return err
			}
			s.after = event.Seq
		}
		if len(events) < streamPage {
			return nil
		}
	}
}

// watch looks at the key, and for events of other processes behind the last, until the stream
// ends, and returns why it has to. It does so beside send, since a write may block.
func (s *eventStream) watch(ctx context.Context, last int64) (err error) {
	defer func() {
		if fault := recover(); fault != nil { // no gate stands around this goroutine
			err = &panicked{value: fault, stack: debug.Stack()}
		}
	}()
	ticks, stop := s.api.streams.tick(streamPoll)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.api.streams.stopping:
			return errStreamStopped
		case <-ticks:
		}
		view, err := s.view(ctx)
		if err != nil {
			return err
		}
		if view.Last != last {
			last = view.Last
			select {
			case s.found <- struct{}{}:
			default:
			}
		}
	}
}

func (s *eventStream) view(ctx context.Context) (store.FeedView, error) {
	ctx, cancel := context.WithTimeout(ctx, viewTimeout)
	defer cancel()
	view, err := s.feed.ViewFeed(ctx, s.keyID)
	if errors.Is(err, store.ErrUnauthorized) || err == nil && !slices.Contains(view.Scopes, gen.ScopeReadEvents) {
		return view, errStreamKey
	}
	return view, err
}
