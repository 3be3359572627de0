package recipe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
)

// desk makes endpoints as the API does, as far as connect can tell: one for each Idempotency-Key.
type desk struct {
	mu     sync.Mutex
	keys   []string
	answer func(w http.ResponseWriter)
}

func (d *desk) set(answer func(w http.ResponseWriter)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = answer
}

// ServeHTTP implements http.Handler.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys = append(d.keys, r.Method+" "+r.URL.Path+" "+r.Header.Get("Idempotency-Key"))
	d.answer(w)
}

func made(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(`{"data": {"id": "whe_1", "secret": "` + recipetest.Secret + `"}}`)) // who has gone asks again
}

// unconnected is a recipe that does nothing, without a signing secret.
func unconnected(t *testing.T, d *desk) *recipetest.Kitchen {
	t.Helper()
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	k := kitchen(t, func(context.Context, recipe.Task) error { return nil })
	delete(k.Env, "TBC_WEBHOOK_SECRET")
	k.Env["TBC_URL"], k.Env["TBC_KEY"] = server.URL, "tbc_key"
	return k
}

// An answer that was lost is asked for again under the same Idempotency-Key, so that no second endpoint is made; and with
// the secret that was kept, for its owner alone, the recipe takes deliveries.
func TestConnect_ALostAnswerMakesNoSecondEndpoint(t *testing.T) {
	t.Parallel()
	d := &desk{answer: func(http.ResponseWriter) { panic(http.ErrAbortHandler) }}
	k := unconnected(t, d)
	if printed, code := k.Run("connect"); code != 1 {
		t.Fatalf("without an answer connect ends with %d: %s", code, printed)
	}
	d.set(made)
	for range 2 {
		if printed, code := k.Run("connect"); code != 0 || !strings.Contains(printed, "connected: whe_1") || strings.Contains(printed, "whsec_") {
			t.Fatalf("connect ends with %d: %s", code, printed)
		}
	}
	if len(d.keys) != 2 || d.keys[0] != d.keys[1] || !strings.HasPrefix(d.keys[0], "POST /api/v1/webhook-endpoints recipe-trial-") {
		t.Errorf("the API was asked %q, want twice the same and then no more", d.keys)
	}
	if printed, code := k.Run("connect", "--hook", "https://example.com/hook"); code != 1 || !strings.Contains(printed, "PATCH /webhook-endpoints/whe_1") {
		t.Errorf("with another address connect ends with %d: %s", code, printed)
	}
	info, err := os.Stat(filepath.Join(k.Folder, "endpoint.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the secret: %v, %v", info.Mode(), err)
	}
	k.Start()
	deliver(k, orderPaid)
	k.WantStatus("1 done, 0 waiting, 0 failed")
}

// Whatever a proxy or a mistaken address answers, no secret appears on the screen, and nothing counts as connected.
func TestConnect_AnOddAnswerShowsNoSecret(t *testing.T) {
	t.Parallel()
	d := &desk{answer: func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte("<p>" + recipetest.Secret)) // as above
	}}
	k := unconnected(t, d)
	printed, code := k.Run("connect")
	if code != 1 || strings.Contains(printed, recipetest.Secret) {
		t.Errorf("connect ends with %d: %s", code, printed)
	}
	if printed, code := k.Run(); code != 2 || !strings.Contains(printed, "run the command connect once") {
		t.Errorf("the recipe ends with %d: %s", code, printed)
	}
}

// A key never crosses a network in clear.
func TestConnect_PlainHTTPIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	k := unconnected(t, &desk{})
	for address, want := range map[string]string{"http://example.com": "plain http", "example.com": "not an https URL"} {
		k.Env["TBC_URL"] = address
		if printed, code := k.Run("connect"); code != 2 || !strings.Contains(printed, want) {
			t.Errorf("%s: connect ends with %d: %s", address, code, printed)
		}
	}
}
