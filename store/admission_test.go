package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// admitAll makes n concurrent calls, spread over the stores, and returns how many were admitted.
func admitAll(tb testing.TB, n int, hash [32]byte, stores ...*store.Store) int {
	tb.Helper()
	var admitted atomic.Int64
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			answer, err := stores[i%len(stores)].Admit(tb.Context(), hash)
			if err != nil {
				tb.Errorf("call %d: %v", i, err)
			}
			if answer.Admitted {
				admitted.Add(1)
			}
		})
	}
	calls.Wait()
	return int(admitted.Load())
}

// admitOne makes one call that must be answered.
func admitOne(tb testing.TB, s *store.Store, hash [32]byte) store.Admission {
	tb.Helper()
	answer, err := s.Admit(tb.Context(), hash)
	if err != nil {
		tb.Fatal(err)
	}
	return answer
}

// The promise of exact limits: of 500 concurrent calls over two servers, the 60 that the minute allows pass.
func TestAdmit_Exactly60Of500OverTwoServersPass(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{})
		hash := storetest.Hash(t, secret)
		if n := admitAll(t, 500, hash, db.Store, db.Open(t)); n != 60 {
			t.Errorf("%d calls passed, want 60", n)
		}
		refused := admitOne(t, db.Store, hash)
		if refused.Admitted || refused.Minute.Remaining != 0 || refused.Day.Remaining != 940 {
			t.Errorf("after 500 calls: %+v", refused)
		}
	})
}

// What was counted survives the server: a new one finds what is left, however the old one ended.
func TestAdmit_RestartedServerGoesOnCounting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{})
		hash := storetest.Hash(t, secret)
		first, err := store.Open(t.Context(), db.Config())
		if err != nil {
			t.Fatal(err)
		}
		if n := admitAll(t, 40, hash, first); n != 40 {
			t.Fatalf("%d calls passed, want 40", n)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		if n := admitAll(t, 50, hash, db.Open(t)); n != 20 {
			t.Errorf("%d calls passed after the restart, want 20", n)
		}
	})
}

func TestAdmit_LastCallOfTheDayPassesOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{MinuteLimit: 100, DayLimit: 100})
		hash := storetest.Hash(t, secret)
		if n := admitAll(t, 99, hash, db.Store); n != 99 {
			t.Fatalf("%d calls passed, want 99", n)
		}
		db.Clock.Advance(time.Minute) // the minute is fresh: only the day binds
		if n := admitAll(t, 50, hash, db.Store, db.Open(t)); n != 1 {
			t.Errorf("%d of the last calls passed, want 1", n)
		}
		refused := admitOne(t, db.Store, hash)
		if refused.Minute.Remaining != 99 || refused.Day.Remaining != 0 {
			t.Errorf("after the day's last call: %+v", refused)
		}
	})
}

// A client that keeps calling while it is limited must not eat the rest of its day.
func TestAdmit_RefusedCallsConsumeNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{})
		hash := storetest.Hash(t, secret)
		admitAll(t, 60, hash, db.Store)
		if n := admitAll(t, 5000, hash, db.Store); n != 0 {
			t.Errorf("%d calls over the limit passed", n)
		}
		if left := admitOne(t, db.Store, hash).Day.Remaining; left != 940 {
			t.Errorf("%d left of the day, want 940", left)
		}
	})
}

// Each call's numbers are those after it, and the two windows end where the clock's minute and the UTC day end.
func TestAdmit_TellsWhatIsLeftAndWhenWindowsReset(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, secret := db.NewKey(t, workspace, store.NewKey{Scopes: []string{"read:courses"}})
		info, err := workspace.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := admitOne(t, db.Store, storetest.Hash(t, secret))
		minute := store.Window{Limit: 60, Remaining: 59, Reset: time.Date(2026, 3, 2, 10, 1, 0, 0, time.UTC)}
		day := store.Window{Limit: 1000, Remaining: 999, Reset: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)}
		if !got.Admitted || got.Minute != minute || got.Day != day || !got.Now.Equal(storetest.Start) {
			t.Errorf("first call: %+v", got)
		}
		if got.Key.ID != key.ID || got.Key.WorkspaceID != workspace.ID() || len(got.Key.Scopes) != 1 {
			t.Errorf("key: %+v", got.Key)
		}
		if got.Version != info.ChangedAt.UnixMicro() {
			t.Errorf("version %d, want %d", got.Version, info.ChangedAt.UnixMicro())
		}
	})
}

func TestAdmit_MinuteAndDayTurnTogetherAtMidnightUTC(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		midnight := time.Date(2026, time.March, 3, 0, 0, 0, 0, time.UTC)
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{MinuteLimit: 2, DayLimit: 2})
		hash := storetest.Hash(t, secret)
		db.Clock.Set(midnight.Add(-time.Microsecond))
		if n := admitAll(t, 5, hash, db.Store); n != 2 {
			t.Fatalf("%d calls passed before midnight, want 2", n)
		}
		before := admitOne(t, db.Store, hash)
		if !before.Minute.Reset.Equal(midnight) || !before.Day.Reset.Equal(midnight) {
			t.Errorf("resets before midnight: %+v", before)
		}
		db.Clock.Set(midnight)
		if n := admitAll(t, 5, hash, db.Store); n != 2 {
			t.Errorf("%d calls passed after midnight, want 2", n)
		}
		after := admitOne(t, db.Store, hash)
		if !after.Minute.Reset.Equal(midnight.Add(time.Minute)) || !after.Day.Reset.Equal(midnight.AddDate(0, 0, 1)) {
			t.Errorf("resets after midnight: %+v", after)
		}
	})
}

// A late call of an old window must not open it again: that would forget what the newer one had counted.
func TestAdmit_ClockSetBackAdmitsNothingExtra(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{MinuteLimit: 3, DayLimit: 5})
		hash := storetest.Hash(t, secret)
		admitted := admitAll(t, 10, hash, db.Store)
		for _, step := range []time.Duration{-time.Minute, -48 * time.Hour, 48 * time.Hour, -time.Second} {
			db.Clock.Advance(step)
			admitted += admitAll(t, 10, hash, db.Store)
		}
		if admitted != 3 {
			t.Errorf("%d calls passed while the clock went back, want 3", admitted)
		}
		db.Clock.Set(storetest.Start.Add(time.Minute))
		if n := admitAll(t, 10, hash, db.Store); n != 2 {
			t.Errorf("%d calls passed in the next minute, want the 2 left of the day", n)
		}
	})
}

// Revocation holds from the very next call, on a server that has just admitted the key.
func TestAdmit_RevokedKeyFailsOnTheNextCallOfAnotherServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace, other := db.NewWorkspace(t), db.Open(t)
		key, secret := db.NewKey(t, workspace, store.NewKey{})
		hash := storetest.Hash(t, secret)
		admitOne(t, other, hash)
		storetest.Tx(t, workspace, func(tx *store.Tx) error { return tx.RevokeKey(t.Context(), key.ID, "ops") })
		if _, err := other.Admit(t.Context(), hash); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("a revoked key got %v, want ErrUnauthorized", err)
		}
	})
}

func TestAdmit_KeyExpiresAtTheExactMicrosecond(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		end := storetest.Start.Add(time.Hour)
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{ExpiresAt: &end})
		hash := storetest.Hash(t, secret)
		db.Clock.Set(end.Add(-time.Microsecond))
		admitOne(t, db.Store, hash)
		db.Clock.Set(end)
		if _, err := db.Admit(t.Context(), hash); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("an expired key got %v, want ErrUnauthorized", err)
		}
	})
}

func TestAdmit_UnknownKeyIsUnauthorized(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		if _, err := db.Admit(t.Context(), [32]byte{1}); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("an unknown key got %v, want ErrUnauthorized", err)
		}
	})
}

// An answer waits for nobody who has gone, and one caller's end is not another's.
func TestAdmit_EndedCallHarmsNoOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		_, secret := db.NewKey(t, db.NewWorkspace(t), store.NewKey{})
		hash := storetest.Hash(t, secret)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.Admit(gone, hash); !errors.Is(err, context.Canceled) {
			t.Errorf("an ended call got %v, want context.Canceled", err)
		}
		admitOne(t, db.Store, hash)
	})
}

func TestAdmit_ClosedStoreRefusesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := db.Open(t)
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Admit(t.Context(), [32]byte{1}); err == nil || errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("a closed store answered %v", err)
		}
	})
}
