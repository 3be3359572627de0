package main

import (
	"sync"
	"time"
)

// fault is something that was done to the run, and when.
type fault struct {
	kind     string
	life     string // of the replica it hit, "" for all of them
	from, to time.Time
}

// faultLog is what was done to the run.
type faultLog struct {
	mu   sync.Mutex
	list []fault
}

func (l *faultLog) add(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, f)
}

func (l *faultLog) all() []fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]fault(nil), l.list...)
}

// hit reports whether a fault hit a life at any time between two.
func (l *faultLog) hit(life string, from, to time.Time) bool {
	for _, f := range l.all() {
		if (f.life == "" || f.life == life) && f.to.After(from) && f.from.Before(to) {
			return true
		}
	}
	return false
}

// stoppedUntil reports whether a life was stopped and had not been continued for long at t: what it did then may
// have been begun long before.
func (l *faultLog) stoppedUntil(life string, t time.Time, long time.Duration) bool {
	for _, f := range l.all() {
		if f.kind == faultStop && f.life == life && t.After(f.from) && t.Before(f.to.Add(long)) {
			return true
		}
	}
	return false
}
