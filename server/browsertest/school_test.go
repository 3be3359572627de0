package browsertest

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/thebigclass/api/server/processtest"
)

// school is a fresh server in development, as tbc serve starts it: with a demo workspace, and with the login that it
// prints once.
type school struct {
	*testing.T
	db              processtest.Database
	server          *processtest.Process
	workspace       string
	email, password string
	key             string // with every scope
}

// printed is what the first start says.
var printed = regexp.MustCompile(`(?s)demo workspace was made: (org_\S+).*?(tbc_\w+).*?e-mail +(\S+)\s+password +(\S+)`)

func newSchool(t *testing.T, db processtest.Database) *school {
	t.Helper()
	db.Env = append(db.Env, "TBC_ENV=development", "TBC_BASE_URL="+base)
	s := &school{T: t, db: db, server: db.Serve()}
	found := printed.FindStringSubmatch(s.server.Printed())
	if found == nil {
		t.Fatalf("the first start prints no login:\n%s", s.server.Printed())
	}
	s.workspace, s.key, s.email, s.password = found[1], found[2], found[3], found[4]
	return s
}

// eachSchool runs the test with a server on each database.
func eachSchool(t *testing.T, test func(s *school)) {
	t.Helper()
	t.Parallel()
	processtest.Each(t, func(db processtest.Database) { test(newSchool(db.T, db)) })
}

// open is an empty tab for the server.
func (s *school) open() *page {
	s.Helper()
	return open(s.T, s.server.URL)
}

// signedIn is a tab whose owner has signed in and sees the keys.
func (s *school) signedIn() *page {
	s.Helper()
	return s.signedInAs(s.email, s.password)
}

func (s *school) signedInAs(email, password string) *page {
	s.Helper()
	p := s.open()
	p.visit("/dashboard/developer")
	p.fill("E-mail", email)
	p.fill("Password", password)
	if status := p.follow("Sign in"); status != 200 || p.path() != "/dashboard/developer" {
		s.Fatalf("signed in, %d at %s:\n%s", status, p.path(), p.text())
	}
	return p
}

// call makes a call of the API and returns the status and the body of its answer.
func (s *school) call(method, path, key, body string) (status int, answer string) {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), method, s.server.URL+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response.StatusCode, string(read)
}

// client follows no redirect, so that what a server answers can be seen.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// makeKey makes a key with the form and returns its secret and the path of its page.
func (p *page) makeKey(name string) (secret, path string) {
	p.Helper()
	p.visit("/dashboard/developer/keys/new")
	p.fill("Name", name)
	p.tick("read:courses")
	if status := p.follow("Generate"); status != 200 {
		p.Fatalf("making a key ends with %d:\n%s", status, p.text())
	}
	return of[string](p, selected("#secret"), "e.textContent"), strings.TrimSuffix(p.path(), "/secret")
}
