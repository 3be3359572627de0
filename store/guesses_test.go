package store_test

import (
	"strings"
	"sync"
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

var (
	account = store.AccountSubject("somebody@example.com")
	network = store.NetworkSubject("203.0.113.7")
)

// take is a guess that is not judged yet.
func (g guesser) take(subjects ...store.Subject) store.Guess {
	g.t.Helper()
	guess, err := g.TakeGuess(g.t.Context(), subjects...)
	if err != nil {
		g.t.Fatal(err)
	}
	return guess
}

// wrong is a guess that was allowed and wrong.
func (g guesser) wrong(subjects ...store.Subject) {
	g.t.Helper()
	guess := g.take(subjects...)
	if guess.Wait != 0 {
		g.t.Fatalf("a guess has to wait %v", guess.Wait)
	}
	if err := g.WrongGuess(g.t.Context(), "", guess, store.AuditEntry{Actor: store.System, Action: "session.refused"}); err != nil {
		g.t.Fatal(err)
	}
}

// right is a guess that was allowed and right.
func (g guesser) right(subjects ...store.Subject) {
	g.t.Helper()
	guess := g.take(subjects...)
	if guess.Wait != 0 {
		g.t.Fatalf("the right guess has to wait %v", guess.Wait)
	}
	if err := g.RightGuess(g.t.Context(), guess); err != nil {
		g.t.Fatal(err)
	}
}

// wantWait looks how long one has to wait, and takes nothing.
func (g guesser) wantWait(want time.Duration, subjects ...store.Subject) {
	g.t.Helper()
	guess := g.take(subjects...)
	if guess.Wait != want {
		g.t.Fatalf("wait %v, want %v", guess.Wait, want)
	}
	if guess.Wait > 0 {
		return
	}
	if err := g.ReturnGuess(g.t.Context(), guess); err != nil {
		g.t.Fatal(err)
	}
}

// Five failures are free; then each doubles the wait, to an hour and never for good; a day later all is forgotten.
func TestGuesses_WaitDoubles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		g, other := guesser{db, t}, store.AccountSubject("else@example.com")
		for range 4 {
			g.wrong(account)
			g.wantWait(0, account)
		}
		for _, minutes := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			g.wrong(account)
			wait := time.Duration(minutes) * time.Minute
			g.wantWait(wait, account)
			g.wantWait(wait, other, account)
			db.Clock.Advance(wait - time.Second)
			g.wantWait(time.Second, account, network)
			db.Clock.Advance(time.Second)
			g.wantWait(0, account)
		}
		g.wantWait(0, other)
		if n, err := db.RemoveOldGuesses(t.Context(), 10); n != 0 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		db.Clock.Advance(store.GuessAge)
		for range 4 {
			g.wrong(account)
		}
		g.wantWait(0, account)
		db.Clock.Advance(store.GuessAge)
		if n, err := db.RemoveOldGuesses(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
	})
}

// An office behind one address may mistype more often than one person; whoever guesses at many accounts waits in the end.
// A right password there neither shortens the wait nor starts it anew.
func TestGuesses_OfANetworkAreItsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		g := guesser{db, t}
		for i := range 20 {
			g.wantWait(0, network)
			g.wrong(network, store.AccountSubject(string(rune('a'+i))+"@example.com"))
		}
		g.wantWait(time.Minute, network)
		db.Clock.Advance(time.Minute)
		for range 3 {
			g.right(account, network)
			g.wantWait(0, account, network)
		}
		g.wrong(network)
		g.wantWait(2*time.Minute, network)
		db.Clock.Advance(store.GuessAge - time.Second)
		g.right(account, network)
		db.Clock.Advance(time.Second) // the last failure is a day ago, whoever signed in since
		g.wrong(network)
		g.wantWait(0, network)
	})
}

// A right password forgets what was guessed at the account, and a guess that overtook it counts nonetheless.
func TestRightGuess_ForgetsTheAccountAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		g := guesser{db, t}
		for range 4 {
			g.wrong(account, network)
		}
		g.right(account, network)
		for range 4 {
			g.wrong(account, network)
		}
		g.wantWait(0, account)
		for i := range 11 {
			g.wrong(network, store.AccountSubject(string(rune('a'+i))+"@example.com"))
		}
		slow := g.take(network)
		db.Clock.Advance(time.Second)
		if slow.Wait != 0 {
			t.Fatal("the twentieth guess of the network has to wait")
		}
		g.wantWait(time.Minute-time.Second, network) // it counts before it is judged
		if err := db.RightGuess(t.Context(), slow); err != nil {
			t.Fatal(err)
		}
		first := g.take(network)
		db.Clock.Advance(time.Minute)
		g.wrong(network)
		if err := db.RightGuess(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		g.wantWait(time.Minute, network)
	})
}

// A new password lets its person in at once, whatever strangers have guessed; however the address is written.
func TestSetPassword_ForgetsGuesses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		owner := ownerOf(t, db)
		db.Exec(t, `UPDATE users SET email = 'STRASSE@example.com', email_folded = 'strasse@example.com'`)
		g := guesser{db, t}
		for range 5 {
			g.wrong(store.AccountSubject("Straße@Example.com "))
		}
		g.wantWait(time.Minute, store.AccountSubject("strasse@example.com"))
		if err := db.SetPassword(t.Context(), owner, "hash"); err != nil {
			t.Fatal(err)
		}
		g.wantWait(0, store.AccountSubject("STRASSE@example.com"))
	})
}

// A burst gets no more guesses than a patient guesser, and the wait counts from the refusal.
func TestTakeGuess_OfManyAtOncePassesFive(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		var burst sync.WaitGroup
		passed := make(chan store.Guess, 20)
		for range 20 {
			burst.Go(func() {
				guess, err := db.TakeGuess(t.Context(), account, network)
				if err != nil {
					t.Error(err)
				} else if guess.Wait == 0 {
					passed <- guess
				}
			})
		}
		burst.Wait()
		if len(passed) != 5 {
			t.Fatalf("%d guesses passed, want 5", len(passed))
		}
		g := guesser{db, t}
		g.wantWait(time.Minute, account)
		db.Clock.Advance(time.Minute)
		if err := db.WrongGuess(t.Context(), "", <-passed, store.AuditEntry{Actor: store.System, Action: "session.refused"}); err != nil {
			t.Fatal(err)
		}
		g.wantWait(time.Minute, account)
	})
}

// What strangers typed is nobody's to read.
func TestGuesses_HoldNoNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		guesser{db, t}.wrong(store.AccountSubject("stranger@example.com"))
		if row := string(dumpRow(t, db, "guesses")); len(row) < 64 || strings.Contains(row, "stranger") {
			t.Errorf("the row is %s", row)
		}
	})
}
