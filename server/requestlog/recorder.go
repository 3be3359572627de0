// Package requestlog remembers which requests keys made, so that the people of a workspace can look at them.
//
// A request is put into memory and nothing else happens to it there; about every second one group of them goes to the
// database, and at a stop the rest. A process that is killed loses what it saw in under a second: quotas are not
// counted here, and nothing depends on this log. While the database does not answer, the newest lines and the counts
// wait, up to a bound, and what had to go is counted.
package requestlog

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/thebigclass/api/store"
)

// Interval is the time between two groups.
const Interval = time.Second

const (
	// writeTimeout bounds one transaction: a database that hangs must not hold more than that group.
	writeTimeout = 5 * time.Second
	// stopTimeout bounds all that is still written once a stop was asked for: a process that does not end is killed,
	// and with it what else it has to finish.
	stopTimeout = 3 * time.Second
	// groupLines bounds a transaction, about 10 ms of SQLite's, which writes nothing else meanwhile.
	groupLines = 500
	// waitingLines is how many lines wait in memory, some 200 bytes each. More than that in a second, or while the
	// database does not answer, and the oldest go.
	waitingLines = 20_000
	// waitingCounts is how many counts wait: one for each key and quarter of an hour.
	waitingCounts = 50_000
)

// Config is what a Recorder is made of. Store and Log are required.
type Config struct {
	Store *store.Store
	Log   *slog.Logger
	// Lost hears how many lines of the log, and how many requests of the counts, were dropped.
	Lost func(lines, counts int64)
	// Lines is how many lines may wait; 0 is 20,000.
	Lines int
	// StopTimeout bounds what Run writes after its end was asked for; 0 is 3 seconds.
	StopTimeout time.Duration
}

// Recorder gathers the requests of one process. Add is safe for concurrent use; one goroutine writes.
type Recorder struct {
	config Config

	mu   sync.Mutex
	came gathered // since the last group

	waiting gathered // what the goroutine that writes has not written yet
	spare   gathered // empty: takes the place of came
	trims   trims
}

// gathered is lines and counts, and what did not fit.
type gathered struct {
	lines  backlog
	counts map[store.RequestSlot]store.Outcomes
	lost   losses
}

type losses struct{ lines, counts int64 }

func newGathered(lines int) gathered {
	return gathered{lines: backlog{most: lines}, counts: map[store.RequestSlot]store.Outcomes{}}
}

func (g *gathered) count(slot store.RequestSlot, outcomes store.Outcomes) {
	known, ok := g.counts[slot]
	if !ok && len(g.counts) >= waitingCounts {
		g.lost.counts += outcomes.Total()
		return
	}
	known.Add(outcomes)
	g.counts[slot] = known
}

// moveTo empties g into other.
func (g *gathered) moveTo(other *gathered) {
	for g.lines.n > 0 {
		other.lost.lines += other.lines.add(g.lines.take())
	}
	for slot, outcomes := range g.counts {
		other.count(slot, outcomes)
	}
	clear(g.counts)
	other.lost.lines += g.lost.lines
	other.lost.counts += g.lost.counts
	g.lost = losses{}
}

// New makes a Recorder. Run writes what it gathers.
func New(config Config) *Recorder {
	if config.Lost == nil {
		config.Lost = func(int64, int64) {}
	}
	if config.Lines == 0 {
		config.Lines = waitingLines
	}
	if config.StopTimeout == 0 {
		config.StopTimeout = stopTimeout
	}
	return &Recorder{
		config: config, came: newGathered(config.Lines), waiting: newGathered(config.Lines), spare: newGathered(config.Lines),
	}
}

// Add takes a request. It waits for nothing but others that do the same.
func (r *Recorder) Add(request store.Request) {
	slot := store.NewRequestSlot(request)
	var outcome store.Outcomes
	outcome.Count(request.Status)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.came.lost.lines += r.came.lines.add(request)
	r.came.count(slot, outcome)
}

// Run writes a group at every tick until ctx ends, and then what is left: end ctx after the last request. What the
// database has not taken by then within the StopTimeout is dropped.
func (r *Recorder) Run(ctx context.Context, tick <-chan time.Time) {
	// A transaction that is cut off may have been committed, and would be written twice: only the last one is.
	unhurried, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.config.StopTimeout, cutOff) })()
	for ctx.Err() == nil {
		select {
		case <-tick:
			r.write(unhurried)
		case <-ctx.Done():
		}
	}
	r.write(unhurried)
	r.drop(ctx)
}

// drop gives up what waits.
func (r *Recorder) drop(ctx context.Context) {
	lost := losses{lines: int64(r.waiting.lines.n)}
	for _, outcomes := range r.waiting.counts {
		lost.counts += outcomes.Total()
	}
	if lost != (losses{}) {
		r.waiting.lost = lost
		r.tellLost(ctx)
	}
}

// write is Flush for want of anybody to tell.
func (r *Recorder) write(ctx context.Context) {
	if err := r.Flush(ctx); err != nil {
		r.config.Log.WarnContext(ctx, "requests not recorded", "error", err.Error())
	}
	r.tellLost(ctx)
}

func (r *Recorder) tellLost(ctx context.Context) {
	if lost := r.waiting.lost; lost != (losses{}) {
		r.waiting.lost = losses{}
		r.config.Lost(lost.lines, lost.counts)
		r.config.Log.WarnContext(ctx, "requests dropped", "ofTheLog", lost.lines, "ofTheCounts", lost.counts)
	}
}

// Flush writes all that has been gathered. After an error the rest is gathered still. One goroutine at a time may
// call it.
func (r *Recorder) Flush(ctx context.Context) error {
	r.mu.Lock()
	r.came, r.spare = r.spare, r.came // so that requests wait for no copying
	r.mu.Unlock()
	r.spare.moveTo(&r.waiting)
	r.waiting.lines.keepNewestOfEach(store.KeptRequests)
	for {
		group := store.RequestGroup{Requests: r.waiting.lines.oldest(groupLines), Counts: r.waiting.counts}
		if len(group.Requests) == 0 && len(group.Counts) == 0 {
			return nil
		}
		group.Trim = r.trims.due(group.Requests)
		if err := r.record(ctx, group); err != nil {
			return err
		}
		r.trims.done(group)
		clear(r.waiting.counts)
		for range group.Requests {
			r.waiting.lines.take()
		}
	}
}

func (r *Recorder) record(ctx context.Context, group store.RequestGroup) error {
	bounded, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return r.config.Store.RecordRequests(bounded, group)
}
