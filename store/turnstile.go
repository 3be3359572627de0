package store

import (
	"context"
	"sync"
)

// turnstile lets one caller at a time through for each name, in the order of arrival.
//
// The transactions of one workspace wait here, in memory, before they take a connection: otherwise one busy
// workspace would fill the pool with connections that only wait for its row lock.
type turnstile struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line is whoever is inside (its existence says that someone is) and those who wait, first come first.
type line struct {
	waiting []chan struct{}
}

// enter waits for name to be free, or for ctx to end. The caller must call leave exactly once.
func (t *turnstile) enter(ctx context.Context, name string) (leave func(), err error) {
	turn := t.queue(name)
	if turn == nil {
		return func() { t.next(name) }, nil
	}
	select {
	case <-turn:
		return func() { t.next(name) }, nil
	case <-ctx.Done():
		if !t.forget(name, turn) {
			t.next(name) // the turn came at the same moment: pass it on
		}
		return nil, ctx.Err()
	}
}

// queue returns nil if name is free (and now taken), else the channel that is closed when the turn comes.
func (t *turnstile) queue(name string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	l, busy := t.lines[name]
	if !busy {
		t.lines[name] = &line{}
		return nil
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	return turn
}

// next hands name to the one who has waited longest.
func (t *turnstile) next(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[name]
	if len(l.waiting) == 0 {
		delete(t.lines, name)
		return
	}
	close(l.waiting[0])
	l.waiting = l.waiting[1:]
}

// forget takes turn out of the line. It reports false if the turn had come already.
func (t *turnstile) forget(name string, turn chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[name]
	for i, waiting := range l.waiting {
		if waiting == turn {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			return true
		}
	}
	return false
}
