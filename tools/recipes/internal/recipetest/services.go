package recipetest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

// Key is what API takes.
const Key = "tbc_0000000000000000000000000000000000test"

// WorkspaceID is the workspace of Event and of API.
const WorkspaceID = "org_01HXZK5Q7R9S1T3V5W7X9Y1Z3A"

// API answers GETs in the envelopes of the contract. It is for the states that a test needs and a server does not get into
// at will; the READMEs are run against the server itself.
type API struct {
	*Gate
	mu      sync.Mutex
	objects map[string]any
}

// NewAPI knows the key's own workspace and nothing else.
func NewAPI(t *testing.T) *API {
	a := &API{objects: map[string]any{}}
	a.Gate = NewGate(t, http.HandlerFunc(a.get))
	a.Put("me", map[string]any{"workspace": map[string]any{"id": WorkspaceID, "timeZone": "Asia/Kolkata", "currency": "INR"}})
	return a
}

// Put makes an object what GET answers for a path such as students/stu_1; nil removes it.
func (a *API) Put(path string, object any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects[path] = object
}

func (a *API) get(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	object := a.objects[strings.TrimPrefix(r.URL.Path, "/api/v1/")]
	switch {
	case r.Header.Get("Authorization") != "Bearer "+Key:
		APIError(w, http.StatusUnauthorized, "unauthorized")
	case object == nil:
		APIError(w, http.StatusNotFound, "not_found")
	default:
		standin.JSON(w, http.StatusOK, map[string]any{"data": object})
	}
}

// APIError is the contract's one shape of an error.
func APIError(w http.ResponseWriter, status int, code string) {
	standin.JSON(w, status, map[string]any{"error": map[string]any{"code": code, "message": "The test refuses.", "requestId": "01HXZK5Q7R9S1T3V5W7X9Y1Z3A"}})
}

// Gate is a server whose answers a test can replace.
type Gate struct {
	URL string

	mu      sync.Mutex
	instead http.Handler
	lost    bool
}

// NewGate serves the handler until the test ends.
func NewGate(t *testing.T, service http.Handler) *Gate {
	g := &Gate{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		instead, lost := g.instead, g.lost
		g.mu.Unlock()
		switch {
		case instead != nil:
			instead.ServeHTTP(w, r)
		case lost:
			service.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			service.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	g.URL = server.URL
	return g
}

// Refuse answers instead of the service.
func (g *Gate) Refuse(with http.HandlerFunc) { g.set(with, false) }

// Lose lets the service do what it is asked, and cuts the connection before its answer: for who asks, that is like being
// killed between an effect and the note of it.
func (g *Gate) Lose() { g.set(nil, true) }

// Open lets the service answer again.
func (g *Gate) Open() { g.set(nil, false) }

func (g *Gate) set(instead http.Handler, lost bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.instead, g.lost = instead, lost
}
