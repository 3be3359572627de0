package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/thebigclass/api/gen"
)

// The documentation is for everybody: no key, no quota, and nothing that a page could do beyond showing itself.
func TestDocs_GuardedAndOutsideTheQuota(t *testing.T) {
	each(t, func(app *App) {
		for target, want := range map[string]int{"/docs/": 200, "/docs/index.html": 200, "/llms.txt": 200, "/docs/unknown": 404,
			"/docs/explorer/": 200, "/docs/explorer/swagger-ui-bundle.js": 200} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				answer := app.Do(method, target, "", "Authorization", "-").Want(want)
				if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
					app.Errorf("%s has the policy %q", target, policy)
				}
				if answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get(gen.HeaderRateLimitLimit) != "" || answer.Header.Get("Cache-Control") != "no-cache" {
					app.Errorf("%s has the headers %v", target, answer.Header)
				}
			}
		}
		refused := app.Do(http.MethodPost, "/docs/", "", "Authorization", "-").Want(http.StatusMethodNotAllowed)
		if allow := refused.Header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "HEAD") || strings.Contains(allow, "POST") {
			app.Errorf("a POST is told to try %q", allow)
		}
	})
}

// The explorer shows what its document has: every operation and every event, each with an example.
func TestExplorer_ItsDocumentIsTheWholeContract(t *testing.T) {
	each(t, func(app *App) {
		type call struct {
			OperationID string
			RequestBody struct {
				Content map[string]struct{ Example, Examples any }
			}
		}
		var document struct {
			Paths    map[string]map[string]call
			Webhooks map[string]map[string]call
		}
		if err := json.Unmarshal([]byte(app.wantBeside("/openapi.json", 200)), &document); err != nil {
			app.Fatal(err)
		}
		for _, op := range gen.Operations {
			if got := document.Paths[op.Path][strings.ToLower(op.Method)].OperationID; got != op.ID {
				app.Errorf("%s %s is %q, want %q", op.Method, op.Path, got, op.ID)
			}
		}
		for _, event := range gen.Events {
			body := document.Webhooks[event.Type]["post"].RequestBody.Content["application/json"]
			if body.Example == nil && body.Examples == nil {
				app.Errorf("%s has no example", event.Type)
			}
		}
	})
}
