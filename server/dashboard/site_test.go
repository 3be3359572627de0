package dashboard_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/server/requestlog"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks/delivery"
)

// Site is a whole server over a fresh database, with a workspace and people of
// every role who know its password.
type Site struct {
	*testing.T
	DB        *storetest.DB
	URL       string
	Workspace *store.Workspace
	Log       *logBuffer
	Requests  *requestlog.Recorder // writes when the test says so
}

// thePassword is everybody's.
const thePassword = "a long enough sentence"

// theHash is made once: it takes as long as a real one.
var theHash = sync.OnceValues(func() (string, error) {
	return password.New().Hash(context.Background(), thePassword)
})

// each runs test on both databases, in parallel.
func each(t *testing.T, test func(site *Site)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) { test(newSite(t, db)) })
}

func newSite(t *testing.T, db *storetest.DB) *Site {
	t.Helper()
	site := &Site{T: t, DB: db, Log: &logBuffer{}, Workspace: db.NewWorkspace(t)}
	site.Requests = requestlog.New(requestlog.Config{Store: db.Store, Log: slog.New(slog.DiscardHandler)})
	site.serve(db.Store, server.Config{BaseURL: "http://school.test"})
	site.letIn("owner@example.com")
	return site
}

// serve starts a server over the database and moves the site to it.
func (s *Site) serve(db *store.Store, config server.Config) {
	s.Helper()
	api := server.New(config, server.Parts{
		Store: db, Now: s.DB.Clock.Now, Build: "test", Requests: s.Requests,
		Log:          slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Destinations: delivery.Guard{AllowHTTP: true, AllowCIDRs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	})
	listening := httptest.NewServer(api.Handler())
	s.Cleanup(listening.Close)
	s.URL = listening.URL
}

// Production goes on with a server of production over the same database.
func (s *Site) Production() {
	s.Helper()
	s.serve(s.DB.Store, server.Config{Production: true, BaseURL: "http://school.test"})
}

// Join makes a person with this role who knows the password.
func (s *Site) Join(email, role string) {
	s.Helper()
	s.DB.Exec(s.T, `INSERT INTO users (id, email, email_folded, created_at, updated_at) VALUES ($1, $2, $2, 1, 1)`, "usr_"+email, email)
	s.DB.Exec(s.T, `INSERT INTO workspace_members (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, 1)`,
		s.Workspace.ID(), "usr_"+email, role)
	s.letIn(email)
}

// letIn gives a person the password.
func (s *Site) letIn(email string) {
	s.Helper()
	hash, err := theHash()
	if err != nil {
		s.Fatal(err)
	}
	known, err := s.DB.Credentials(s.Context(), email)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.DB.SetPassword(s.Context(), known.UserID, hash); err != nil {
		s.Fatal(err)
	}
}

// Browser is one person's, with cookies of its own.
type Browser struct {
	*Site
	client *http.Client
}

// NewBrowser is one that nobody has signed in with.
func (s *Site) NewBrowser() *Browser {
	s.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	transport := &http.Transport{}
	s.Cleanup(transport.CloseIdleConnections)
	return &Browser{Site: s, client: &http.Client{Jar: jar, Transport: transport}}
}

// SignIn is a browser in which the person has signed in.
func (s *Site) SignIn(email string) *Browser {
	s.Helper()
	b := s.NewBrowser()
	b.Get("/dashboard/sign-in").Submit("/dashboard/sign-in", "_email", email, "_password", thePassword).WantStatus(http.StatusOK)
	return b
}

// Owner is a browser in which the workspace's owner has signed in.
func (s *Site) Owner() *Browser {
	s.Helper()
	return s.SignIn("owner@example.com")
}

// logBuffer collects what the server logs.
type logBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logBuffer) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(line)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
