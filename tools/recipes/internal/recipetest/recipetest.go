// Package recipetest runs a recipe as its main function would, with a clock that tests move, and delivers events to it as
// the service does.
package recipetest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
	"github.com/thebigclass/api/webhooks"
)

// Secret is what deliveries are signed with. It signs nothing outside tests.
const Secret = "whsec_test_recipesAreTestedWithThisOne00"

// patience bounds every wait: what has not happened by then does not happen.
const patience = time.Minute

// Kitchen is a recipe with a folder of its own. Start and Stop may follow each other: the folder stays.
type Kitchen struct {
	*testing.T
	Folder string
	Env    map[string]string
	Log    *slog.Logger // of the recipe; the test's output unless a test wants to read it

	recipe  recipe.Recipe
	mu      sync.Mutex
	ahead   time.Duration
	address string
	stop    func()
}

// New prepares a recipe without starting it.
func New(t *testing.T, r recipe.Recipe, env map[string]string) *Kitchen {
	t.Helper()
	env["TBC_WEBHOOK_SECRET"] = Secret
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	k := &Kitchen{T: t, Log: log, Folder: t.TempDir(), Env: env, recipe: r, stop: func() {}}
	t.Cleanup(func() { k.Stop() })
	return k
}

// Now is the recipe's clock: the machine's, and what Advance has added.
func (k *Kitchen) Now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return time.Now().Add(k.ahead) //nolint:forbidigo // signatures are verified against it in the recipe's own time
}

// Advance moves the clock. A recipe looks at it once a second.
func (k *Kitchen) Advance(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ahead += d
}

// Run is one command of the recipe, such as status, and what it printed.
func (k *Kitchen) Run(args ...string) (printed string, code int) {
	k.Helper()
	var out bytes.Buffer
	code = k.run(k.Context(), &out, &out, args...)
	return out.String(), code
}

func (k *Kitchen) run(ctx context.Context, out, errs io.Writer, args ...string) int {
	return recipe.Run(ctx, k.recipe, append(args, "--state", k.Folder), recipe.Console{
		Out: out, Errs: errs,
		Getenv: func(name string) string { return k.Env[name] }, Now: k.Now, HTTP: &http.Client{},
		Log: k.Log,
	})
}

var listening = regexp.MustCompile(`on http://(\S+),`)

// Start runs the recipe until Stop, and returns when it listens.
func (k *Kitchen) Start() {
	k.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(k.Context()))
	out := &screen{lines: make(chan string, 100)}
	ended := make(chan int, 1)
	go func() { ended <- k.run(ctx, out, k.Output(), "--addr", "127.0.0.1:0") }()
	select {
	case line := <-out.lines:
		found := listening.FindStringSubmatch(line)
		if found == nil {
			cancel()
			k.Fatalf("the recipe prints %q", line)
		}
		k.address = found[1]
	case code := <-ended:
		cancel()
		k.Fatalf("the recipe ends with %d before it listens", code)
	}
	k.stop = sync.OnceFunc(func() {
		cancel()
		if code := <-ended; code != 0 {
			k.Errorf("the recipe ends with %d", code)
		}
	})
}

// Stop is Ctrl-C, and returns when the recipe has ended. Twice is once.
func (k *Kitchen) Stop() { k.stop() }

// Event is the body of an event with the given data.
func Event(id, kind string, data any) []byte {
	body, err := json.Marshal(map[string]any{
		"id": id, "type": kind, "created_at": "2026-05-19T14:23:14Z", "workspace_id": "org_01HXZK5Q7R9S1T3V5W7X9Y1Z3A", "data": data,
	})
	if err != nil {
		panic(err)
	}
	return body
}

// Deliver posts a body, signed now, and returns the status of the answer.
func (k *Kitchen) Deliver(body []byte) int {
	k.Helper()
	return k.DeliverSigned(body, Secret)
}

// DeliverSigned is Deliver with any secret.
func (k *Kitchen) DeliverSigned(body []byte, secret string) int {
	k.Helper()
	signature, err := webhooks.Sign(body, k.Now(), secret)
	if err != nil {
		k.Fatal(err)
	}
	request, err := http.NewRequestWithContext(k.Context(), http.MethodPost, "http://"+k.address+"/hook", bytes.NewReader(body))
	if err != nil {
		k.Fatal(err)
	}
	request.Header[webhooks.HeaderSignature] = []string{signature}
	answer, err := new(http.Client).Do(request)
	if err != nil {
		k.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		k.Fatal(err)
	}
	return answer.StatusCode
}

// WantStatus waits until the command status begins with this line, such as "1 done, 0 waiting, 0 failed".
func (k *Kitchen) WantStatus(line string) {
	k.Helper()
	k.Await(func() (string, bool) {
		printed, _ := k.Run("status")
		return printed, strings.HasPrefix(printed, line+"\n")
	}, line)
}

// WantProblem waits until one event waits for this reason.
func (k *Kitchen) WantProblem(text string) {
	k.Helper()
	k.Await(func() (string, bool) {
		printed, _ := k.Run("status")
		return printed, strings.Contains(printed, " 1 waiting,") && strings.Contains(printed, text)
	}, text)
}

var next = regexp.MustCompile(`, next at (\S+): `)

// NextAttempt is when the event that waits is tried again, by the recipe's clock.
func (k *Kitchen) NextAttempt() time.Time {
	k.Helper()
	printed, _ := k.Run("status")
	found := next.FindStringSubmatch(printed)
	if found == nil {
		k.Fatalf("nothing waits: %s", printed)
	}
	at, err := time.Parse(time.RFC3339, found[1])
	if err != nil {
		k.Fatal(err)
	}
	return at
}

// Await asks again and again, and fails with the last answer if it stays false.
func (k *Kitchen) Await(ask func() (seen string, as bool), want string) {
	k.Helper()
	const often = 20 * time.Millisecond
	ticker, deadline := time.NewTicker(often), time.NewTimer(patience)
	defer ticker.Stop()
	defer deadline.Stop()
	for {
		seen, as := ask()
		if as {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			k.Fatalf("still %q, want %s", seen, want)
		}
	}
}

// screen passes on what is printed.
type screen struct{ lines chan string }

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.lines <- string(p)
	return len(p), nil
}
