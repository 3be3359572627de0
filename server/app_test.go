package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks/delivery"
)

// App is a whole server over a fresh database, with a workspace and a key of
// all scopes whose limits no test reaches by accident.
type App struct {
	*testing.T
	DB        *storetest.DB
	API       *server.API
	URL       string
	Workspace *store.Workspace
	Key       store.Key
	Secret    string
	Log       *logBuffer
}

// each runs test on both databases, in parallel.
func each(t *testing.T, test func(app *App)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) { test(newApp(t, db)) })
}

func newApp(t *testing.T, db *storetest.DB) *App {
	t.Helper()
	app := &App{T: t, DB: db, Log: &logBuffer{}, Workspace: db.NewWorkspace(t)}
	app.Key, app.Secret = app.NewKey()
	app.API, app.URL = app.start(server.Config{})
	return app
}

// start serves the app's database once more, as another process would.
func (app *App) start(config server.Config) (*server.API, string) {
	app.Helper()
	return app.listen(config, app.parts(app.logger()))
}

// origin is what a configuration has as the public address, unless a test says otherwise: the links in answers need one.
const origin = "https://api.example.com"

// listen is start with other parts.
func (app *App) listen(config server.Config, parts server.Parts) (*server.API, string) {
	app.Helper()
	if config.BaseURL == "" {
		config.BaseURL = origin
	}
	api := server.New(config, parts)
	listening := httptest.NewServer(api.Handler())
	app.Cleanup(listening.Close)
	return api, listening.URL
}

// logger writes everything to the app's log.
func (app *App) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(app.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// loopback permits receivers on this machine, as make run does.
var loopback = delivery.Guard{AllowHTTP: true, AllowCIDRs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// parts are the app's, which permit receivers on this machine.
func (app *App) parts(log *slog.Logger) server.Parts {
	return server.Parts{Store: app.DB.Store, Log: log, Now: app.DB.Clock.Now, Build: "test", Destinations: loopback}
}

// allScopes are those of the contract.
func allScopes() []string {
	var names []string
	for _, scope := range gen.Scopes {
		names = append(names, scope.Scope)
	}
	return names
}

// NewKey makes a key of all scopes without limits worth mentioning.
func (app *App) NewKey() (store.Key, string) {
	app.Helper()
	return app.DB.NewKey(app.T, app.Workspace, store.NewKey{Scopes: allScopes(), MinuteLimit: 1_000_000, DayLimit: 1_000_000})
}

// LimitedKey has the default limits and the given scopes.
func (app *App) LimitedKey(scopes ...string) (store.Key, string) {
	app.Helper()
	return app.DB.NewKey(app.T, app.Workspace, store.NewKey{Scopes: scopes})
}

// Other is a second workspace of the same database, with its own key.
func (app *App) Other() *App {
	app.Helper()
	other := *app
	other.Workspace = app.DB.NewWorkspace(app.T)
	other.Key, other.Secret = other.NewKey()
	return &other
}

// As is the app seen through another key.
func (app *App) As(secret string) *App {
	other := *app
	other.Secret = secret
	return &other
}

// Get calls a path with the app's key. Headers come as name and value in turn.
func (app *App) Get(path string, headers ...string) *Answer {
	app.Helper()
	return app.Do(http.MethodGet, path, "", headers...)
}

// Post sends a body, a string as it is and anything else as JSON.
func (app *App) Post(path string, body any, headers ...string) *Answer {
	app.Helper()
	text, ok := body.(string)
	if !ok {
		encoded, err := json.Marshal(body)
		if err != nil {
			app.Fatal(err)
		}
		text = string(encoded)
	}
	return app.Do(http.MethodPost, path, text, headers...)
}

// client follows no redirect and keeps no connection of one test for another.
var client = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Do makes one call and holds its answer against the contract. A header whose
// value is "-" is not sent.
func (app *App) Do(method, path, body string, headers ...string) *Answer {
	app.Helper()
	r, err := http.NewRequestWithContext(app.Context(), method, app.URL+path, strings.NewReader(body))
	if err != nil {
		app.Fatal(err)
	}
	sent := http.Header{"Authorization": {"Bearer " + app.Secret}}
	if body != "" {
		sent.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if name := http.CanonicalHeaderKey(headers[i]); headers[i+1] == "-" {
			delete(sent, name)
		} else if i >= 2 && strings.EqualFold(headers[i-2], headers[i]) {
			sent.Add(name, headers[i+1])
		} else {
			sent.Set(name, headers[i+1])
		}
	}
	r.Header = sent
	return app.send(r)
}

func (app *App) send(r *http.Request) *Answer {
	app.Helper()
	response, err := client.Do(r)
	if err != nil {
		app.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		app.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	checkAnswer(app.T, r, response.StatusCode, response.Header, body)
	return &Answer{TB: app.T, Status: response.StatusCode, Header: response.Header, Body: body, asked: r.Method + " " + r.URL.RequestURI()}
}

// Answer is one answer of the server.
type Answer struct {
	testing.TB
	Status int
	Header http.Header
	Body   []byte
	asked  string
}

// Want checks the status.
func (a *Answer) Want(status int) *Answer {
	a.Helper()
	if a.Status != status {
		a.Fatalf("%s answered %d, want %d: %s", a.asked, a.Status, status, a.Body)
	}
	return a
}

// WantError checks status and code of an error.
func (a *Answer) WantError(status int, code gen.ErrorCode) gen.ErrorBody {
	a.Helper()
	a.Want(status)
	body := decode[gen.ErrorResponse](a)
	if body.Error.Code != code {
		a.Fatalf("%s answered code %s, want %s: %s", a.asked, body.Error.Code, code, a.Body)
	}
	return body.Error
}

// WantIssue checks for a 422 with a detail for the field.
func (a *Answer) WantIssue(field string) {
	a.Helper()
	body := a.WantError(http.StatusUnprocessableEntity, gen.ErrorCodeInvalidRequest)
	if body.Details != nil {
		for _, detail := range *body.Details {
			if detail.Field == field {
				return
			}
		}
	}
	a.Errorf("%s names no issue with %q: %s", a.asked, field, a.Body)
}

// Left is what the headers say is left of minute and day.
func (a *Answer) Left() string {
	return a.Header.Get(gen.HeaderRateLimitRemaining) + "/" + a.Header.Get(gen.HeaderRateLimitDailyRemaining)
}

func decode[T any](a *Answer) T {
	a.Helper()
	var value T
	if err := json.Unmarshal(a.Body, &value); err != nil {
		a.Fatalf("%s: %v: %s", a.asked, err, a.Body)
	}
	return value
}

// logBuffer keeps what the server logs.
type logBuffer struct {
	mu    sync.Mutex
	out   bytes.Buffer
	grown chan struct{} // closed by the next line; nil if nobody waits
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.grown != nil {
		close(b.grown)
		b.grown = nil
	}
	return b.out.Write(p)
}

// has reports whether the log has the text, and returns a channel that is closed when it has grown.
func (b *logBuffer) has(text string) (bool, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.grown == nil {
		b.grown = make(chan struct{})
	}
	return strings.Contains(b.out.String(), text), b.grown
}

// String is everything logged so far.
func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.String()
}
