package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// safe is a database whose master key is changed. It has more values than a batch.
type safe struct {
	*hooks
	old, new  string // the keys, with their ids
	before    *store.Store
	key       store.Key
	endpoints map[string][]string // secrets
	cursor    string
}

const keptAnswers = 230

func newSafe(t *testing.T, db *storetest.DB) *safe {
	s := &safe{hooks: newHooks(t, db), old: "2025:" + store.NewMasterKey(rand.Reader), new: "2026:" + store.NewMasterKey(rand.Reader), endpoints: map[string][]string{}}
	s.before = s.open(s.old)
	s.DB.Store, s.workspace = s.before, s.before.Workspace(s.workspace.ID())
	s.key, _ = db.NewKey(t, s.workspace, store.NewKey{})
	for range 3 {
		made, secret := s.endpointWithSecret()
		s.endpoints[made.ID] = []string{secret}
	}
	rotated := slices.Sorted(maps.Keys(s.endpoints))[0]
	_, fresh := s.rotate(rotated, day)
	s.endpoints[rotated] = append([]string{fresh}, s.endpoints[rotated]...)
	for i := range keptAnswers {
		s.keep(s.workspace, i)
	}
	s.cursor = s.list(s.workspace)
	return s
}

func (s *safe) open(keys string) *store.Store {
	s.t.Helper()
	ring, err := store.ParseKeyring(keys)
	if err != nil {
		s.t.Fatal(err)
	}
	config := s.Config()
	config.Keyring = ring
	opened, err := store.Open(s.t.Context(), config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = opened.Close() })
	return opened
}

func (s *safe) answerKey(i int) store.IdempotencyKey {
	return store.IdempotencyKey{KeyID: s.key.ID, Key: fmt.Sprintf("try/%d", i)}
}

func (s *safe) keep(workspace *store.Workspace, i int) {
	s.t.Helper()
	storetest.Tx(s.t, workspace, func(tx *store.Tx) error {
		return tx.KeepAnswer(s.t.Context(), s.answerKey(i), store.Answer{Status: 201, Body: fmt.Appendf(nil, "answer %d", i)})
	})
}

// list returns the cursor of the first page of endpoints.
func (s *safe) list(workspace *store.Workspace) string {
	s.t.Helper()
	page, err := workspace.Endpoints(s.t.Context(), store.ListOptions{Limit: 1})
	if err != nil || page.NextCursor == nil {
		s.t.Fatal(page, err)
	}
	return *page.NextCursor
}

// wantWhole checks that a store opens everything, answers up to n among it.
func (s *safe) wantWhole(opened *store.Store, n int) {
	s.t.Helper()
	workspace := opened.Workspace(s.workspace.ID())
	storetest.Tx(s.t, workspace, func(tx *store.Tx) error { return tx.Emit(s.t.Context(), event("student.created")) })
	claims, err := opened.ClaimDeliveries(s.t.Context(), 100)
	if err != nil || len(claims) != len(s.endpoints) {
		s.t.Fatalf("claimed %d, %v", len(claims), err)
	}
	for _, claim := range claims {
		if !slices.Equal(claim.Secrets, s.endpoints[claim.EndpointID]) {
			s.t.Errorf("endpoint %s has %d secrets, want those from before", claim.EndpointID, len(claim.Secrets))
		}
		s.finish(claim, 200, 0)
	}
	storetest.Tx(s.t, workspace, func(tx *store.Tx) error {
		for i := range n {
			answer, err := tx.ClaimAnswer(s.t.Context(), s.answerKey(i))
			if err != nil || answer == nil || string(answer.Body) != fmt.Sprintf("answer %d", i) {
				return fmt.Errorf("answer %d: %v, %w", i, answer, err)
			}
		}
		return nil
	})
}

func ignore(store.Rekeyed) {}

// An operator changes the master key while servers work, and after that the old key can go.
func TestRekey_OldKeyCanBeRemovedAfterwards(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSafe(t, db)
		both := s.open(s.new + "," + s.old)
		ctx, interrupt := context.WithCancel(t.Context())
		var partly store.Rekeyed
		_, err := both.Rekey(ctx, func(r store.Rekeyed) {
			if partly = r; r.Done >= 100 {
				interrupt()
			}
		})
		if !errors.Is(err, context.Canceled) || partly.Total != keptAnswers+4 || partly.Done >= partly.Total {
			t.Fatalf("interrupted: %+v, %v", partly, err)
		}
		s.wantWhole(both, keptAnswers)
		answers := keptAnswers
		done, err := both.Rekey(t.Context(), func(store.Rekeyed) { // a server works meanwhile
			s.keep(both.Workspace(s.workspace.ID()), answers)
			answers++
		})
		if err != nil || done.Done+partly.Done != partly.Total || done.Total != done.Done || done.Unopened != 0 {
			t.Fatalf("repeated: %+v, %v", done, err)
		}
		newer := s.list(both.Workspace(s.workspace.ID()))
		alone := s.open(s.new)
		s.wantWhole(alone, answers)
		list := func(cursor string) error {
			_, err := alone.Workspace(s.workspace.ID()).Endpoints(t.Context(), store.ListOptions{Limit: 1, Cursor: cursor})
			return err
		}
		if err := list(newer); err != nil {
			t.Errorf("a cursor of the new key: %v", err)
		}
		if err := list(s.cursor); !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("a cursor of the old key: %v, want ErrBadCursor", err)
		}
		if again, err := alone.Rekey(t.Context(), ignore); err != nil || again.Total != 0 || again.Done != 0 {
			t.Errorf("once more: %+v, %v", again, err)
		}
	})
}

// The old key must not be removed while a server seals with it.
func TestRekey_NoticesAServerWithAnotherFirstKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSafe(t, db)
		both, answers := s.open(s.new+","+s.old), keptAnswers
		_, err := both.Rekey(t.Context(), func(store.Rekeyed) {
			s.keep(s.workspace, answers)
			answers++
		})
		if !errors.Is(err, store.ErrStillSealing) {
			t.Errorf("got %v, want ErrStillSealing", err)
		}
		s.wantWhole(both, answers)
	})
}

// What no key opens is told of and stays, and holds up nothing.
func TestRekey_NamesEndpointsWhoseSecretsCannotBeOpened(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSafe(t, db)
		lost := slices.Sorted(maps.Keys(s.endpoints))[0] // with two secrets
		alone := s.open(s.new)
		none, err := alone.Rekey(t.Context(), ignore)
		if err != nil || none.Done != 0 || none.Unopened != keptAnswers+4 || len(none.Endpoints) != 3 {
			t.Fatalf("without the old key: %+v, %v", none, err)
		}
		_, err = openRaw(t, db).ExecContext(t.Context(), `UPDATE webhook_secrets SET sealed = $1 WHERE endpoint_id = $2`, []byte{1, 'x', 0}, lost)
		if err != nil {
			t.Fatal(err)
		}
		done, err := s.open(s.new+","+s.old).Rekey(t.Context(), ignore)
		if err != nil || done.Done != keptAnswers+2 || done.Unopened != 2 || !slices.Equal(done.Endpoints, []string{lost}) {
			t.Errorf("with the old key: %+v, %v", done, err)
		}
		s.endpoints[lost] = nil
		s.wantWhole(alone, keptAnswers)
	})
}

// Whatever is sealed is sealed anew: a table that Rekey does not know would be lost with the old key.
func TestRekey_KnowsEveryTableThatHoldsSealedValues(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		query := `SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'sealed'`
		if db.Dialect() == store.SQLite {
			query = `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'sealed'`
		}
		found, err := openRaw(t, db).QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		var tables []string
		for found.Next() {
			var name string
			if err := found.Scan(&name); err != nil {
				t.Fatal(err)
			}
			tables = append(tables, name)
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(tables)
		if known := store.SealedTables(); !slices.Equal(tables, known) {
			t.Errorf("sealed values are in %v, Rekey knows %v", tables, known)
		}
	})
}
