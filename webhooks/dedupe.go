package webhooks

import (
	"context"
	"sync"
)

// Dedupe makes the work for an event happen once. It is one method, so that an
// implementation can put the work and the memory of it into one transaction:
// begin, insert id (do nothing and commit if it is there), call do with the
// transaction in hand, commit. Work in that database then happens exactly once,
// whatever crashes.
type Dedupe interface {
	// Once calls do unless an earlier do for this id has returned nil. It
	// remembers the id after do has succeeded and not otherwise, and returns the
	// error of do, or its own if the id could not be looked up or remembered.
	// Calls with one id that overlap do not run do at the same time; those with
	// different ids may. ran tells whether do was called.
	Once(ctx context.Context, id string, do func(context.Context) error) (ran bool, err error)
}

// Memory is a Dedupe for one process. It forgets on a restart, and the oldest
// ids when it is full; what it has forgotten is handed over again if it is
// delivered again. A delivery is attempted for 33 hours and can be repeated by
// hand for 30 days, so a receiver that must not see an event twice keeps ids in
// a database.
type Memory struct {
	mu      sync.Mutex
	done    map[string]struct{}
	oldest  []string // a ring of the ids in done
	next    int      // where the ring is written next
	running map[string]chan struct{}
}

// NewMemory returns a Memory of the newest ids, at most limit of them and at
// least one. An id costs about 150 bytes.
func NewMemory(limit int) *Memory {
	return &Memory{
		done:    make(map[string]struct{}),
		oldest:  make([]string, max(limit, 1)),
		running: make(map[string]chan struct{}),
	}
}

// Once implements Dedupe. A call that overlaps with another of its id waits for
// that to end, or for ctx.
func (m *Memory) Once(ctx context.Context, id string, do func(context.Context) error) (bool, error) {
	for {
		wait, claimed := m.claim(id)
		if claimed {
			break
		}
		if wait == nil {
			return false, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	succeeded := false
	// Deferred, so that a panic in do does not claim the id for ever.
	defer func() { m.release(id, succeeded) }()
	err := do(ctx)
	succeeded = err == nil
	return true, err
}

// claim takes id if it is neither done nor running. If it is running, wait is
// closed when that ends.
func (m *Memory) claim(id string) (wait <-chan struct{}, claimed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, done := m.done[id]; done {
		return nil, false
	}
	if running, found := m.running[id]; found {
		return running, false
	}
	m.running[id] = make(chan struct{})
	return nil, true
}

func (m *Memory) release(id string, succeeded bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.running[id])
	delete(m.running, id)
	if !succeeded {
		return
	}
	delete(m.done, m.oldest[m.next])
	m.oldest[m.next] = id
	m.done[id] = struct{}{}
	m.next = (m.next + 1) % len(m.oldest)
}
