package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

const day = 24 * time.Hour

// endpointWithSecret is endpoint with what signs for it.
func (h *hooks) endpointWithSecret() (endpoint store.Endpoint, secret string) {
	h.t.Helper()
	h.tx(func(tx *store.Tx) (err error) {
		endpoint, secret, err = tx.CreateEndpoint(h.t.Context(), store.NewEndpoint{URL: "https://example.com/hook", Events: []string{"*"}})
		return err
	})
	return endpoint, secret
}

func (h *hooks) rotate(id string, overlap time.Duration) (endpoint store.Endpoint, secret string) {
	h.t.Helper()
	h.tx(func(tx *store.Tx) (err error) {
		endpoint, secret, err = tx.RotateSecret(h.t.Context(), id, overlap)
		return err
	})
	return endpoint, secret
}

// signing is what a delivery that is claimed now is signed with, in this order. The claim is completed.
func (h *hooks) signing() []string {
	h.t.Helper()
	h.emit("student.created")
	claim := h.one()
	h.finish(claim, 200, 0)
	return claim.Secrets
}

func (h *hooks) wantSigning(what string, want ...string) {
	h.t.Helper()
	if got := h.signing(); !slices.Equal(got, want) {
		h.t.Errorf("%s: %d secrets sign, want %d in another order or others", what, len(got), len(want))
	}
}

// wantKept checks how many secrets the database holds.
func (h *hooks) wantKept(id string, want int) {
	h.t.Helper()
	var kept int
	err := openRaw(h.t, h.DB).QueryRowContext(h.t.Context(), `SELECT count(*) FROM webhook_secrets WHERE endpoint_id = $1`, id).Scan(&kept)
	if err != nil || kept != want {
		h.t.Errorf("%d secrets are kept, want %d, %v", kept, want, err)
	}
}

// The page's receiver looks at the last signature alone, so the old secret is last, and never a third one signs.
func TestRotateSecret_AtMostTwoSignTheOldOneLast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		made, first := h.endpointWithSecret()
		h.wantSigning("before a rotation", first)
		rotated, second := h.rotate(made.ID, day)
		if !rotated.UpdatedAt.After(made.UpdatedAt) || rotated.OldSecretExpiresAt == nil || !rotated.OldSecretExpiresAt.Equal(rotated.UpdatedAt.Add(day)) {
			t.Errorf("rotated: %+v", rotated)
		}
		h.wantSigning("in the overlap", second, first)
		h.Clock.Advance(day / 2)
		again, third := h.rotate(made.ID, day)
		h.wantSigning("rotated in the overlap", third, second)
		h.wantKept(made.ID, 2)
		if !again.OldSecretExpiresAt.Equal(again.UpdatedAt.Add(day)) {
			t.Errorf("the overlap did not start anew: %+v", again)
		}
		now, fourth := h.rotate(made.ID, 0)
		h.wantSigning("without an overlap", fourth)
		h.wantKept(made.ID, 1)
		if now.OldSecretExpiresAt != nil {
			t.Errorf("without an overlap: %+v", now)
		}
	})
}

// The old secret stops at its time to the microsecond, whenever the job comes that destroys it.
func TestRotateSecret_OverlapEndsInTimeAndDestroysTheOldSecret(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		made, first := h.endpointWithSecret()
		rotated, second := h.rotate(made.ID, day)
		due := func() []store.Due {
			list, err := h.DueSecrets(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		expire := func() {
			h.tx(func(tx *store.Tx) error { return tx.ExpireSecret(t.Context(), made.ID) })
		}
		h.Clock.Set(rotated.OldSecretExpiresAt.Add(-time.Second))
		expire()
		h.wantKept(made.ID, 2)
		if len(due()) != 0 {
			t.Error("due before its time")
		}
		h.Clock.Set(rotated.OldSecretExpiresAt.Add(-time.Microsecond))
		h.wantSigning("a microsecond before the end", second, first)
		h.Clock.Set(*rotated.OldSecretExpiresAt)
		h.wantSigning("at the end", second)
		if list := due(); len(list) != 1 || list[0].ID != made.ID || list[0].WorkspaceID != h.workspace.ID() {
			t.Errorf("due: %v", list)
		}
		h.Clock.Advance(time.Second)
		expire()
		h.wantKept(made.ID, 1)
		ended := h.state(made.ID)
		if ended.OldSecretExpiresAt != nil || !ended.UpdatedAt.After(rotated.UpdatedAt) || len(due()) != 0 {
			t.Errorf("after the end: %+v", ended)
		}
		expire()
		if again := h.state(made.ID); !again.UpdatedAt.Equal(ended.UpdatedAt) {
			t.Error("a second job changed the endpoint")
		}
	})
}

func TestRevokeOldSecret_EndsTheOverlapOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		made, _ := h.endpointWithSecret()
		_, second := h.rotate(made.ID, day)
		revoke := func() (endpoint store.Endpoint) {
			h.tx(func(tx *store.Tx) (err error) {
				endpoint, err = tx.RevokeOldSecret(t.Context(), made.ID)
				return err
			})
			return endpoint
		}
		revoked := revoke()
		h.wantSigning("after it was revoked", second)
		h.wantKept(made.ID, 1)
		again := revoke()
		if revoked.OldSecretExpiresAt != nil || !again.UpdatedAt.Equal(revoked.UpdatedAt) {
			t.Errorf("revoked %+v, again %+v", revoked, again)
		}
		h.wantSigning("after it was revoked twice", second)
	})
}

// Which order a receiver took is known to every process, means nothing after the next rotation, and is not for a
// worker to say that has lost its lease.
func TestRotateSecret_OrderThatSucceededIsKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		replica := db.Open(t)
		made, first := h.endpointWithSecret()
		_, second := h.rotate(made.ID, day)
		reordered := func(claim store.Claim) store.Outcome {
			ok := 200
			return store.Outcome{Claim: claim, Succeeded: true, Reordered: true, Attempt: store.Attempt{At: h.Clock.Now(), StatusCode: &ok}}
		}
		take := func(want ...string) store.Claim {
			t.Helper()
			h.emit("student.created")
			claims, err := replica.ClaimDeliveries(t.Context(), 1)
			if err != nil || len(claims) != 1 || !slices.Equal(claims[0].Secrets, want) {
				t.Fatalf("claimed %d, %v, in another order", len(claims), err)
			}
			return claims[0]
		}
		complete := func(outcomes ...store.Outcome) {
			t.Helper()
			if _, err := h.CompleteDeliveries(t.Context(), outcomes); err != nil {
				t.Fatal(err)
			}
		}
		complete(reordered(take(second, first)))
		complete(reordered(take(first, second)))
		complete(reordered(take(second, first)))
		late, stale := take(first, second), take(first, second)
		h.Clock.Advance(store.Lease)
		if err := h.ReleaseDeliveries(t.Context(), h.claim(2)); err != nil {
			t.Fatal(err)
		}
		complete(reordered(late), reordered(stale))
		h.wantAll(2, first, second)
		slow := take(first, second)
		_, third := h.rotate(made.ID, day)
		complete(reordered(slow)) // takes the first secret, which is gone
		h.wantSigning("after the next rotation", third, second)
		slow = take(third, second)
		_, fourth := h.rotate(made.ID, day)
		complete(reordered(slow)) // takes the third secret, which is the old one now
		h.wantSigning("after another rotation", fourth, third)
	})
}

// wantAll claims n deliveries that are due and checks what they are signed with.
func (h *hooks) wantAll(n int, secrets ...string) {
	h.t.Helper()
	claims := h.claim(n)
	for _, claim := range claims {
		if !slices.Equal(claim.Secrets, secrets) {
			h.t.Errorf("a worker without its lease changed the order")
		}
		h.finish(claim, 200, 0)
	}
	if len(claims) != n {
		h.t.Errorf("claimed %d, want %d", len(claims), n)
	}
}

func TestRotateSecret_NeedsAnEndpointThatIsThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		made, _ := h.endpointWithSecret()
		disabled := store.EndpointDisabled
		h.patch(made.ID, store.EndpointPatch{Status: &disabled})
		if rotated, _ := h.rotate(made.ID, day); rotated.Status != store.EndpointDisabled || rotated.OldSecretExpiresAt == nil {
			t.Errorf("a disabled endpoint: %+v", rotated)
		}
		h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), made.ID) })
		h.wantKept(made.ID, 0)
		for _, workspace := range []*store.Workspace{h.workspace, db.NewWorkspace(t)} {
			err := workspace.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.RotateSecret(t.Context(), made.ID, day)
				return err
			})
			revoked := workspace.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.RevokeOldSecret(t.Context(), made.ID)
				return err
			})
			if !errors.Is(err, store.ErrNotFound) || !errors.Is(revoked, store.ErrNotFound) {
				t.Errorf("rotated: %v, revoked: %v", err, revoked)
			}
		}
	})
}

// A secret that cannot be opened is one endpoint's trouble, and a new secret ends it.
func TestSecrets_OneThatCannotBeOpenedStopsItsEndpointAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		broken, _ := h.endpointWithSecret()
		_, sound := h.endpointWithSecret()
		damage := func(where string) {
			_, err := openRaw(t, db).ExecContext(t.Context(), `UPDATE webhook_secrets SET sealed = $1 WHERE endpoint_id = $2 AND `+where, []byte{1, 'x', 0}, broken.ID)
			if err != nil {
				t.Fatal(err)
			}
		}
		check := func(want ...string) {
			t.Helper()
			h.emit("student.created")
			for _, claim := range h.claim(10) {
				expected := want
				if claim.EndpointID != broken.ID {
					expected = []string{sound}
				}
				if !slices.Equal(claim.Secrets, expected) {
					t.Errorf("%d secrets sign, want %d", len(claim.Secrets), len(expected))
				}
				h.finish(claim, 200, 0)
			}
		}
		damage("true")
		check()
		rotated, second := h.rotate(broken.ID, day)
		if rotated.OldSecretExpiresAt != nil {
			t.Errorf("a secret that cannot sign got an overlap: %+v", rotated)
		}
		check(second)
		_, third := h.rotate(broken.ID, day)
		check(third, second)
		damage("expires_at IS NOT NULL")
		check()
	})
}
