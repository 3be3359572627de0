package main

import (
	"context"
	"fmt"
	"time"
)

// finding is what the ledger has against the service.
type finding struct {
	lost bool // else it is wrong in another way
	text string
}

// ledger holds what was noted against what is left.
type ledger struct {
	*run
	state
	ops      []*operation
	requests []request

	byEvent  map[string]*event
	inFeed   map[mark]int
	byHook   map[string][]request // requests by delivery, in the order of their arrival
	deleted  map[string]int64     // when a student was erased
	findings []finding
	figures  figures
}

// figures are what a run prints.
type figures struct {
	operations, unanswered, repeated int
	events, deliveries, attempts     int
	requests, duplicates             int
	unexplained, inFlight            int
	usedUp, final, canceled          int
	lost, wrong                      int
}

func (l *ledger) lose(format string, args ...any) {
	l.findings = append(l.findings, finding{lost: true, text: fmt.Sprintf(format, args...)})
	l.figures.lost++
}

func (l *ledger) wrong(format string, args ...any) {
	l.findings = append(l.findings, finding{text: fmt.Sprintf(format, args...)})
	l.figures.wrong++
}

// check reads the state and holds it against the notes.
func (r *run) check(ctx context.Context) (*ledger, error) {
	left, err := r.readState(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what is left: %w", err)
	}
	l := &ledger{
		run: r, state: left, ops: r.ops.all(), requests: r.receiver.journal.all(), byEvent: map[string]*event{},
		inFeed: map[mark]int{}, byHook: map[string][]request{}, deleted: map[string]int64{},
	}
	l.index()
	if err := l.checkFeed(ctx); err != nil {
		return nil, err
	}
	l.checkEvents()
	l.checkNames()
	l.checkOnce()
	l.checkRequests()
	l.checkBytes()
	l.checkDeliveries()
	l.checkAttempts()
	l.count()
	return l, nil
}

func (l *ledger) index() {
	for i := range l.events {
		e := &l.events[i]
		if _, twice := l.byEvent[e.ID]; twice {
			l.wrong("the feed shows %s twice", e.ID)
		}
		l.byEvent[e.ID] = e
		l.inFeed[markOf(*e)]++
		if e.Type == "student.deleted" {
			l.deleted[e.Data.ID] = e.CreatedAt.UnixMicro()
		}
	}
	for _, r := range l.requests {
		l.byHook[r.Delivery] = append(l.byHook[r.Delivery], r)
	}
}

// checkFeed: the numbers have no gaps, times grow in the order of the feed, and what a reader saw during the run is
// what is there now, in the same order: nothing came in before a place that was given out.
func (l *ledger) checkFeed(ctx context.Context) error {
	n, err := l.db.numbers(ctx, l.workspace)
	if err != nil {
		return err
	}
	count := int64(len(l.events))
	if n.count != count || count > 0 && (n.first != 1 || n.last != count || n.taken != count) {
		l.wrong("the numbers of the feed have gaps: %d events shown, %d stored, numbered %d to %d, %d numbers taken",
			count, n.count, n.first, n.last, n.taken)
	}
	for i := 1; i < len(l.events); i++ {
		if l.events[i].CreatedAt.Before(l.events[i-1].CreatedAt) {
			l.wrong("%s stands behind %s in the feed, but is older", l.events[i].ID, l.events[i-1].ID)
		}
	}
	for i, id := range l.follower.seen() {
		if i >= len(l.events) || l.events[i].ID != id {
			l.wrong("place %d of the feed was %s during the run and is another event now", i+1, id)
			break
		}
	}
	return nil
}

// checkRequests: every request was what it claims to be.
func (l *ledger) checkRequests() {
	known := map[string]*delivery{}
	for i := range l.deliveries {
		known[l.deliveries[i].ID] = &l.deliveries[i]
	}
	for _, r := range l.requests {
		d := known[r.Delivery]
		switch {
		case r.Fault != "" || !r.Verified:
			l.wrong("request for %s, attempt %d, by %s at %s: %s", r.Delivery, r.Attempt, r.Sender, clock(r.Time), r.Fault)
		case d == nil:
			l.wrong("request for %s, which is in no log: event %s (%s), by %s at %s: its change was rolled back, or its delivery forgotten",
				r.Delivery, r.Event, r.Type, r.Sender, clock(r.Time))
		case d.EventID != r.Event || d.EventType != r.Type:
			l.wrong("request for %s brought %s instead of %s", r.Delivery, r.Event, d.EventID)
		}
		if _, stored := l.byEvent[r.Event]; !stored && r.Type != "webhook.test" {
			l.wrong("%s (%s) was sent at %s, but no such event exists: its change was rolled back", r.Event, r.Type, clock(r.Time))
		}
	}
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000000") }
