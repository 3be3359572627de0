package password_test

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

const good = "wheel under seven moons"

func verify(t *testing.T, h *password.Hasher, hash, text string, want bool) {
	t.Helper()
	if got, err := h.Verify(t.Context(), hash, text); err != nil || got != want {
		t.Errorf("Verify is %t, want %t, %v", got, want, err)
	}
}

// The cost and the form are what other programs that know argon2id read; the same password never looks the same.
func TestHash_IsArgon2idInPHCForm(t *testing.T) {
	t.Parallel()
	h := password.New()
	first, err := h.Hash(t.Context(), good)
	if err != nil || !strings.HasPrefix(first, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(first, err)
	}
	if second, err := h.Hash(t.Context(), good); err != nil || second == first {
		t.Errorf("twice the same hash, %v", err)
	}
	verify(t, h, first, good, true)
	for _, wrong := range []string{"", good + " ", strings.ToUpper(good), strings.Repeat("x", 2000)} {
		verify(t, h, first, wrong, false)
	}
}

// A password is the same on a keyboard that composes ä and on one that does not.
func TestVerify_FoldsCompositions(t *testing.T) {
	t.Parallel()
	h := password.New()
	hash, err := h.Hash(t.Context(), "Bäckerei ﬁnden 123")
	if err != nil {
		t.Fatal(err)
	}
	verify(t, h, hash, "Ba\u0308ckerei finden 123", true)
}

// Nobody's password is nothing, an account without one included; a damaged hash is an error, not a way in.
func TestVerify_WithoutAHashIsNeverRight(t *testing.T) {
	t.Parallel()
	h := password.New()
	verify(t, h, "", "", false)
	verify(t, h, "", good, false)
	for _, damaged := range []string{
		"x", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=4294967295,t=2,p=1$AAAA$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=19456,t=0,p=1$AAAA$" + strings.Repeat("A", 43), "$argon2i$v=19$m=19456,t=2,p=1$AAAA$" + strings.Repeat("A", 43),
	} {
		if right, err := h.Verify(t.Context(), damaged, ""); err == nil || right {
			t.Errorf("%s: %t, %v", damaged, right, err)
		}
	}
}

// Whoever gives up waiting leaves the queue, and the hasher goes on.
func TestHasher_WaitsNoLongerThanTheRequest(t *testing.T) {
	t.Parallel()
	h := password.New()
	ended, end := context.WithCancel(t.Context())
	end()
	release := h.Occupy()
	if _, err := h.Hash(ended, good); !errors.Is(err, context.Canceled) {
		t.Errorf("while all are busy: %v", err)
	}
	release()
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() { verify(t, h, "", good, false) })
	}
	all.Wait()
}

func TestCheck_RefusesWhatIsGuessedFirst(t *testing.T) {
	t.Parallel()
	for text, fine := range map[string]bool{
		good: true, "äöüßéèêçñåøœ": true, "शुभ प्रभात नमस्ते जी": true,
		"": false, "elevenchars": false, "Password1234": false, "QWERTYUIOP123": false, "correcthorsebatterystaple": false,
		"aaaaaaaaaaaaaaaa": false, "ab ab ab ab ab ab": false, strings.Repeat("long enough ", 100): false, "not text at all \xff": false,
		"\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff441234": false, // full-width letters of password1234
	} {
		err := password.Check(text)
		var invalid *store.Invalid
		if (err == nil) != fine || err != nil && (!errors.As(err, &invalid) || invalid.Field != "/password") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What is printed for an operator is good enough, never the same, and of every letter.
func TestGenerate_PassesTheCheckAndVaries(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		made, err := password.Generate(rand.Reader)
		if err != nil || seen[made] || password.Check(made) != nil || len(made) != 27 {
			t.Fatalf("%q, %v", made, err)
		}
		seen[made] = true
		for _, letter := range made {
			seen[string(letter)] = true
		}
	}
	for _, letter := range "bdfghjklmnprstvzaeiou" {
		if !seen[string(letter)] {
			t.Errorf("%c never occurs", letter)
		}
	}
	if _, err := password.Generate(strings.NewReader("")); err == nil {
		t.Error("made without randomness")
	}
}

// A flood of guesses queues no further than the room goes: who comes then is told at once, and later all goes on.
func TestHasher_TurnsAwayWhoFindsTheRoomFull(t *testing.T) {
	t.Parallel()
	h := password.New()
	release := h.Occupy()
	ctx, leave := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range password.Room {
		waiting.Go(func() {
			if _, err := h.Hash(ctx, good); !errors.Is(err, context.Canceled) {
				t.Errorf("who waits gets %v", err)
			}
		})
	}
	for h.Inside() < password.Room {
		runtime.Gosched()
	}
	if _, err := h.Verify(t.Context(), "", good); !errors.Is(err, password.ErrBusy) {
		t.Errorf("who comes after gets %v", err)
	}
	leave()
	waiting.Wait()
	release()
	verify(t, h, "", good, false)
}
