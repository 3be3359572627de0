package store_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// guesser fails the test where the store does.
type guesser struct {
	*storetest.DB
	t *testing.T
}

func (g guesser) count(failed bool, subjects ...string) {
	g.t.Helper()
	if err := g.CountGuess(g.t.Context(), failed, subjects...); err != nil {
		g.t.Fatal(err)
	}
}

func (g guesser) wantWait(want time.Duration, subjects ...string) {
	g.t.Helper()
	if got, err := g.GuessWait(g.t.Context(), subjects...); err != nil || got != want {
		g.t.Fatalf("wait %v for %v, want %v, %v", got, subjects, want, err)
	}
}

// Five failures are free; then each doubles the wait, to an hour and never for good; a day later all is forgotten.
func TestGuesses_WaitDoubles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		g := guesser{db, t}
		for range 4 {
			g.count(true, "account a", "address b")
			g.wantWait(0, "account a", "address b")
		}
		for _, minutes := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			g.count(true, "account a", "address b")
			wait := time.Duration(minutes) * time.Minute
			g.wantWait(wait, "account a")
			g.wantWait(wait, "address b", "account of somebody else")
			db.Clock.Advance(wait - time.Second)
			g.wantWait(time.Second, "account a", "address b")
			db.Clock.Advance(time.Second)
			g.wantWait(0, "account a", "address b")
		}
		g.wantWait(0, "account of somebody else")
		g.count(false, "account a")
		g.count(true, "account a", "address b")
		g.wantWait(0, "account a")
		g.wantWait(time.Hour, "address b")
		if n, err := db.RemoveOldGuesses(t.Context(), 10); n != 0 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		db.Clock.Advance(store.GuessAge)
		g.wantWait(0, "address b")
		g.count(true, "address b")
		g.wantWait(0, "address b")
		if n, err := db.RemoveOldGuesses(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
	})
}

// A burst gets no more guesses than a patient guesser, and a right one counts against nobody.
func TestTakeGuess_OfManyAtOncePassesFive(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		var passed atomic.Int32
		var burst sync.WaitGroup
		for range 20 {
			burst.Go(func() {
				wait, err := db.TakeGuess(t.Context(), "account", "address")
				if err != nil {
					t.Error(err)
				} else if wait == 0 {
					passed.Add(1)
				}
			})
		}
		burst.Wait()
		if passed.Load() != 5 {
			t.Errorf("%d guesses passed, want 5", passed.Load())
		}
		g := guesser{db, t}
		g.wantWait(time.Minute, "address")
		if err := db.RightGuess(t.Context(), "account", "address"); err != nil {
			t.Fatal(err)
		}
		g.wantWait(0, "account", "address")
		g.count(true, "address")
		g.wantWait(time.Minute, "address")
		db.Clock.Advance(time.Minute)
		if err := db.WrongGuess(t.Context(), "", "address", store.AuditEntry{Actor: store.System, Action: "session.refused"}); err != nil {
			t.Fatal(err)
		}
		g.wantWait(time.Minute, "address") // it counts from the refusal
	})
}

// What strangers typed is nobody's to read.
func TestGuesses_HoldNoNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		guesser{db, t}.count(true, "stranger@example.com")
		if row := string(dumpRow(t, db, "guesses")); len(row) < 64 || strings.Contains(row, "stranger") {
			t.Errorf("the row is %s", row)
		}
	})
}
