package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

// streamsPerKey is how many streams a key may have open in this process.
const streamsPerKey = 5

// Ticker begins to tick. stop ends that.
type Ticker func(every time.Duration) (ticks <-chan time.Time, stop func())

// eventStreams are the streams of this process: what they share, and the places for them.
type eventStreams struct {
	tick     Ticker
	patience time.Duration // with a reader that takes nothing
	stopping chan struct{} // closed when all streams have to end
	stopOnce sync.Once

	mu   sync.Mutex
	open map[string]int // by key
}

func newEventStreams(tick Ticker) *eventStreams {
	if tick == nil {
		tick = func(every time.Duration) (<-chan time.Time, func()) {
			ticker := time.NewTicker(every)
			return ticker.C, ticker.Stop
		}
	}
	return &eventStreams{tick: tick, patience: streamPatience, stopping: make(chan struct{}), open: map[string]int{}}
}

// enter takes a place. The caller must call leave. One too many is refused with 422, not 429: no
// window is empty, and waiting gives no place.
func (e *eventStreams) enter(keyID string) (leave func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open[keyID] >= streamsPerKey {
		return nil, invalid("", fmt.Sprintf("this key has %d streams open; close one first", streamsPerKey))
	}
	e.open[keyID]++
	return func() { e.leave(keyID) }, nil
}

func (e *eventStreams) leave(keyID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open[keyID]--; e.open[keyID] == 0 {
		delete(e.open, keyID)
	}
}

// stop ends all streams, and those that are still opened. Stopping twice is safe.
func (e *eventStreams) stop() { e.stopOnce.Do(func() { close(e.stopping) }) }

// streamWriter writes an answer that outlives the server's timeouts.
type streamWriter struct {
	w        http.ResponseWriter
	wire     *http.ResponseController
	patience time.Duration
}

// newStreamWriter reaches through echo's writer for the connection, because echo forgets the errors of a flush.
func newStreamWriter(w http.ResponseWriter, patience time.Duration) *streamWriter {
	under := w
	if wrapped, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		under = wrapped.Unwrap()
	}
	return &streamWriter{w: w, wire: http.NewResponseController(under), patience: patience}
}

// unsentError is a write that failed: the reader is gone, or the stream was ended meanwhile.
type unsentError struct{ cause error }

func (u *unsentError) Error() string { return "event stream: " + u.cause.Error() }
func (u *unsentError) Unwrap() error { return u.cause }

// longPast is a deadline that ends every read and write under way.
var longPast = time.Unix(1, 0)

// open sends the head of the answer. The server's read timeout is lifted too: it would end the
// request's context, as if the client had hung up.
func (o *streamWriter) open(ctx context.Context) error {
	if err := o.wire.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("open an event stream: %w", err)
	}
	header := o.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	header.Set("Connection", "close") // after a stream its deadlines are not those of a fresh connection
	return o.write(ctx, nil)
}

// write sends text and waits until the connection has taken it: patience at most, less if the stream
// ends. Once ctx has ended, unblock may have been called already, so that no deadline may be set anew.
func (o *streamWriter) write(ctx context.Context, text []byte) error {
	err := o.wire.SetWriteDeadline(o.in(ctx, o.patience))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil {
		_, err = o.w.Write(text)
	}
	if err == nil {
		err = o.wire.Flush()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errStreamUnread // unless the stream has ended by then, for another cause
	}
	if err != nil {
		return &unsentError{err}
	}
	return nil
}

// in is a moment from now by the clock that sockets go by.
func (o *streamWriter) in(ctx context.Context, d time.Duration) time.Time {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), d)
	defer cancel()
	at, _ := bounded.Deadline()
	return at
}

// unblock makes a write that waits return.
func (o *streamWriter) unblock() { _ = o.wire.SetWriteDeadline(longPast) }

// close leaves the connection a moment for the end of the answer.
func (o *streamWriter) close(ctx context.Context) {
	_ = o.wire.SetWriteDeadline(o.in(ctx, time.Second))
}
