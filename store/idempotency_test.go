package store_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// answerOnce does what a handler does with a key: replay, or effect and answer in one transaction.
func answerOnce(t *testing.T, w *store.Workspace, key store.IdempotencyKey, effect func(*store.Tx) error) (answer store.Answer, replayed bool, err error) {
	t.Helper()
	err = w.Tx(t.Context(), func(tx *store.Tx) error {
		kept, err := tx.ClaimAnswer(t.Context(), key)
		if err != nil {
			return err
		}
		if kept != nil {
			answer, replayed = *kept, true
			return nil
		}
		if err := effect(tx); err != nil {
			return err
		}
		answer = store.Answer{Status: 201, Header: map[string]string{"Content-Type": "application/json"}, Body: []byte(tx.Now().String())}
		return tx.KeepAnswer(t.Context(), key, answer)
	})
	return answer, replayed, err
}

func nothing(*store.Tx) error { return nil }

// Of concurrent twins one has the effect; the others wait for it and get its answer.
func TestClaimAnswer_ConcurrentTwinsWaitAndReplay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		doors := []*store.Workspace{workspace, db.Open(t).Workspace(workspace.ID())}
		var effects, replays atomic.Int64
		var bodies sync.Map
		var twins sync.WaitGroup
		for i := range 30 {
			twins.Go(func() {
				answer, replayed, err := answerOnce(t, doors[i%2], store.IdempotencyKey{KeyID: key.ID, Key: "order-7"},
					func(*store.Tx) error { effects.Add(1); return nil })
				if err != nil {
					t.Error(err)
				}
				if replayed {
					replays.Add(1)
				}
				bodies.Store(fmt.Sprint(answer), true)
			})
		}
		twins.Wait()
		different := 0
		bodies.Range(func(any, any) bool { different++; return true })
		if effects.Load() != 1 || replays.Load() != 29 || different != 1 {
			t.Errorf("%d effects, %d replays, %d different answers", effects.Load(), replays.Load(), different)
		}
	})
}

func TestClaimAnswer_AnotherRequestUnderTheSameKeyIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		other, _ := db.NewKey(t, workspace, store.NewKey{})
		first := store.IdempotencyKey{KeyID: key.ID, Key: "k", Fingerprint: [32]byte{1}}
		if _, _, err := answerOnce(t, workspace, first, nothing); err != nil {
			t.Fatal(err)
		}
		changed := first
		changed.Fingerprint = [32]byte{2}
		if _, _, err := answerOnce(t, workspace, changed, nothing); !errors.Is(err, store.ErrIdempotencyMismatch) {
			t.Errorf("another request: %v, want ErrIdempotencyMismatch", err)
		}
		changed.KeyID = other.ID
		if _, replayed, err := answerOnce(t, workspace, changed, nothing); err != nil || replayed {
			t.Errorf("another API key: replayed %v, %v", replayed, err)
		}
	})
}

// A refused call leaves the key free, so that a corrected request may use it.
func TestClaimAnswer_FailedEffectLeavesTheKeyFree(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		refusal := errors.New("refused")
		in := store.IdempotencyKey{KeyID: key.ID, Key: "k", Fingerprint: [32]byte{1}}
		if _, _, err := answerOnce(t, workspace, in, func(*store.Tx) error { return refusal }); !errors.Is(err, refusal) {
			t.Fatalf("got %v", err)
		}
		in.Fingerprint = [32]byte{2}
		if _, replayed, err := answerOnce(t, workspace, in, nothing); err != nil || replayed {
			t.Errorf("after a refusal: replayed %v, %v", replayed, err)
		}
	})
}

func TestClaimAnswer_IsFreeAgainAfter24Hours(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		db.Clock.Advance(time.Minute) // well after the workspace's first transactions
		in := store.IdempotencyKey{KeyID: key.ID, Key: "k"}
		kept := db.Clock.Now()
		if _, _, err := answerOnce(t, workspace, in, nothing); err != nil {
			t.Fatal(err)
		}
		db.Clock.Set(kept.Add(store.AnswerAge - time.Microsecond))
		if _, replayed, err := answerOnce(t, workspace, in, nothing); err != nil || !replayed {
			t.Errorf("a moment before: replayed %v, %v", replayed, err)
		}
		if n, err := db.RemoveOldAnswers(t.Context(), 100); err != nil || n != 0 {
			t.Errorf("a moment before, %d were removed, %v", n, err)
		}
		db.Clock.Set(kept.Add(store.AnswerAge))
		in.Fingerprint = [32]byte{9}
		if _, replayed, err := answerOnce(t, workspace, in, nothing); err != nil || replayed {
			t.Errorf("after 24 hours: replayed %v, %v", replayed, err)
		}
	})
}

func TestRemoveOldAnswers_WorksInSmallBatchesAndKeepsTheYoung(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		keep := func(name string) {
			if _, _, err := answerOnce(t, workspace, store.IdempotencyKey{KeyID: key.ID, Key: name}, nothing); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 5 {
			keep(fmt.Sprint("old", i))
		}
		db.Clock.Advance(store.AnswerAge + time.Second)
		keep("young")
		for _, want := range []int64{2, 2, 1, 0} {
			if n, err := db.RemoveOldAnswers(t.Context(), 2); err != nil || n != want {
				t.Errorf("%d were removed, want %d, %v", n, want, err)
			}
		}
		if _, replayed, err := answerOnce(t, workspace, store.IdempotencyKey{KeyID: key.ID, Key: "young"}, nothing); err != nil || !replayed {
			t.Errorf("the young answer: replayed %v, %v", replayed, err)
		}
	})
}

// An answer that was copied to another row, or whose master key is gone, is an error and not somebody's answer.
func TestClaimAnswer_MovedAnswerDoesNotOpen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		if _, _, err := answerOnce(t, workspace, store.IdempotencyKey{KeyID: key.ID, Key: "k"}, nothing); err != nil {
			t.Fatal(err)
		}
		if _, err := openRaw(t, db).ExecContext(t.Context(), `UPDATE idempotency_answers SET key = 'moved'`); err != nil {
			t.Fatal(err)
		}
		if _, _, err := answerOnce(t, workspace, store.IdempotencyKey{KeyID: key.ID, Key: "moved"}, nothing); !errors.Is(err, store.ErrSealed) {
			t.Errorf("a moved answer: %v, want ErrSealed", err)
		}
		cfg := db.Config()
		cfg.Keyring, _ = store.ParseKeyring(store.NewMasterKey(rand.Reader))
		stranger, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.Close()
		if _, _, err := answerOnce(t, stranger.Workspace(workspace.ID()), store.IdempotencyKey{KeyID: key.ID, Key: "moved"}, nothing); !errors.Is(err, store.ErrSealed) {
			t.Errorf("without the master key: %v, want ErrSealed", err)
		}
	})
}
