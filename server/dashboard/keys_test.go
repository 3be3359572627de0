package dashboard_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

const newKeyPath = "/dashboard/developer/keys/new"

// makeKey fills in the form as far as it must be and sends it.
func (b *Browser) makeKey(fields ...string) *Page {
	b.Helper()
	if !slices.Contains(fields, "name") {
		fields = append(fields, "name", "CRM sync")
	}
	if !slices.Contains(fields, "scope") {
		fields = append(fields, "scope", "read:courses")
	}
	return b.Get(newKeyPath).Submit(newKeyPath, fields...)
}

var tokenForm = regexp.MustCompile(`tbc_[0-9A-Za-z]{36}`)

// secretOf is the secret that a page shows.
func (p *Page) secretOf() string {
	p.Helper()
	for code := range elements(p.doc, "code") {
		if attribute(code, "id") == "secret" {
			return strings.TrimSpace(text(code))
		}
	}
	p.Fatalf("%s shows no secret:\n%s", p.Path, p.Text())
	return ""
}

// keyID is the id in the path of a key's page.
func (p *Page) keyID() string {
	p.Helper()
	id := regexp.MustCompile(`key_[0-9A-Z]+`).FindString(p.Path)
	if id == "" {
		p.Fatalf("%s is no page of a key", p.Path)
	}
	return id
}

// call makes a call to the API and returns the status and the request id of its answer.
func (s *Site) call(path, secret string, headers ...string) (status int, requestID string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r) //nolint:forbidigo // a client of the API, with nothing of its own
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode, answer.Header.Get("X-Request-Id")
}

// From nothing to the first call: the key is made, works as shown, and its call is seen.
func TestNewKey_FirstCallArrives(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		b.Get("/dashboard/developer").WantStatus(200).Want("No keys yet")
		shown := b.makeKey("note", "nightly job", "scope", "read:students", "expires", "90").WantStatus(200).Want("Copy the key now")
		secret := shown.secretOf()
		shown.Want(`curl http://school.test/api/v1/students \ -H "Authorization: Bearer ` + secret + `"`)
		page := "/dashboard/developer/keys/" + shown.keyID()
		b.Get(page).WantStatus(200).Want("CRM sync", "active", "No calls yet", "nightly job", "owner@example.com", "60 of 60 this minute")
		status, id := site.call("/api/v1/students", secret)
		if status != 200 {
			site.Fatalf("the first call answered %d", status)
		}
		if err := site.Requests.Flush(site.Context()); err != nil {
			site.Fatal(err)
		}
		b.Get(page).Want("GET /api/v1/students", "200", id, "from 127.0.0.1", "59 of 60 this minute", "999 of 1,000 today (UTC)", "Requests in all: 1 (1 succeeded)")
		b.Get("/dashboard/developer").Want("CRM sync", "read:students", "59 of 60 this minute", "from 127.0.0.1")
		b.Get("/dashboard/developer/requests?id="+id).Want("CRM sync", "GET /api/v1/students")
	})
}

// The secret is on one page, once: not after a reload or back, not in another session, not in the log, the audit log or
// the list.
func TestNewKey_SecretIsShownOnce(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		shown := b.makeKey()
		secret := shown.secretOf()
		b.Get(shown.Path).WantStatus(200).Want("was shown already").WantNot(secret)
		for _, path := range []string{"/dashboard/developer", strings.TrimSuffix(shown.Path, "/secret"), newKeyPath} {
			if found := tokenForm.FindString(b.Get(path).Body); found != "" {
				site.Errorf("%s shows a token", path)
			}
		}
		site.Owner().Get(shown.Path).WantNot(secret)
		if strings.Contains(site.Log.String(), secret) || strings.Contains(shown.Path, secret) {
			site.Error("the secret is in the log or in the address")
		}
		audit, err := site.Workspace.AuditLog(site.Context(), store.AuditQuery{Action: "key.created"})
		if err != nil || len(audit.Items) != 1 {
			site.Fatalf("audit %+v, %v", audit.Items, err)
		}
		line := audit.Items[0]
		if line.TargetID != shown.keyID() || line.Email != "owner@example.com" || line.Detail["scopes"] != "read:courses" || line.Detail["hint"] != secret[:8] {
			site.Errorf("audit %+v", line)
		}
	})
}

func TestNewKey_DoubleSubmitMakesOneKey(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page := b.Get(newKeyPath)
		first := page.Submit(newKeyPath, "name", "once", "scope", "read:courses")
		second := page.Submit(newKeyPath, "name", "once", "scope", "read:courses").WantStatus(200)
		if second.Path != first.Path {
			site.Errorf("the second submit landed at %s, the first at %s", second.Path, first.Path)
		}
		if keys := site.liveKeys(); len(keys) != 1 {
			site.Errorf("%d keys", len(keys))
		}
	})
}

func (s *Site) liveKeys() []store.KeyStanding {
	s.Helper()
	keys, err := s.Workspace.LiveKeys(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return keys
}

// What is wrong is said at its field, and everything that was entered stays.
func TestNewKey_RefusalKeepsWhatWasEntered(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		long := strings.Repeat("n", 201)
		for _, c := range []struct {
			fields []string
			fault  string
		}{
			{[]string{"scope", "no:such"}, "Choose at least one scope."},
			{[]string{"name", " "}, "Enter a name"},
			{[]string{"name", long}, "Must have at most 200 characters."},
			{[]string{"name", "two\nlines"}, "Must be one line of text."},
			{[]string{"name", "a NUL\x00"}, "Must be one line of text."},
			{[]string{"scope", "\x00\xff"}, "Choose at least one scope."},
			{[]string{"expires", "date", "day", "\xff\x00"}, "Enter the last day"},
			{[]string{"note", strings.Repeat("n", 1001)}, "Must have at most 1000 characters."},
			{[]string{"expires", "date", "day", ""}, "Enter the last day"},
			{[]string{"expires", "date", "day", "2026-03-01"}, "This day is over already."},
			{[]string{"expires", "date", "day", "nonsense"}, "Enter the last day"},
			{[]string{"expires", "1000000"}, "Choose when the key expires."},
		} {
			fields := append([]string{"note", "keep this"}, c.fields...)
			if c.fields[0] == "note" {
				fields = c.fields
			}
			shown := b.makeKey(fields...).WantStatus(422).Want(c.fault)
			kept := shown.Filled(newKeyPath)
			for i := 0; i+1 < len(fields); i += 2 {
				if name, value := fields[i], fields[i+1]; name != "scope" && name != "expires" && utf8.ValidString(value) && !strings.Contains(value, "\x00") && strings.TrimSpace(kept.Get(name)) != strings.TrimSpace(value) {
					site.Errorf("%s: %s became %.20q", c.fault, name, kept.Get(name))
				}
			}
			if c.fields[0] != "scope" && kept.Get("scope") != "read:courses" {
				site.Errorf("%s: the scopes are gone", c.fault)
			}
		}
		if keys := site.liveKeys(); len(keys) != 0 {
			site.Errorf("%d keys were made", len(keys))
		}
	})
}

// The last day counts whole, by the workspace's clock.
func TestNewKey_ExpiresAtTheEndOfADayOfTheWorkspace(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		b.makeKey("expires", "date", "day", "2026-03-02").WantStatus(200)
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			site.Fatal(err)
		}
		if ends := site.liveKeys()[0].ExpiresAt; ends == nil || !ends.Equal(time.Date(2026, time.March, 2, 23, 59, 59, 0, berlin)) {
			site.Errorf("expires at %v", ends)
		}
	})
}

// A workspace that has all the keys it may have is told so; nothing is lost.
func TestNewKey_The101stIsRefusedInWords(t *testing.T) {
	each(t, func(site *Site) {
		storetest.Tx(site.T, site.Workspace, func(tx *store.Tx) error {
			for range store.MaxLiveKeys {
				if _, _, err := tx.CreateKey(site.Context(), store.NewKey{Name: "n", Scopes: []string{"read:courses"}}); err != nil {
					return err
				}
			}
			return nil
		})
		site.Owner().makeKey().WantStatus(422).Want("The workspace has 100 live keys: revoke one first.")
	})
}

// Scopes are offered with what the contract says of them.
func TestNewKey_OffersEveryScopeWithItsDescription(t *testing.T) {
	each(t, func(site *Site) {
		page := site.Owner().Get(newKeyPath).Want("Create, change and erase students.", "Live sessions", "Read the feed of events")
		boxes := 0
		for input := range elements(page.doc, "input") {
			if attribute(input, "name") == "scope" {
				boxes++
			}
		}
		if boxes != 16 {
			site.Errorf("%d scopes are offered", boxes)
		}
	})
}

// What people enter is text, wherever it is shown.
func TestKeys_StoredScriptIsText(t *testing.T) {
	each(t, func(site *Site) {
		const evil = `<script>alert(1)</script>"><img src=x onerror=alert(1)>`
		b := site.Owner()
		made := b.makeKey("name", evil, "note", evil)
		key := "/dashboard/developer/keys/" + made.keyID()
		for _, path := range []string{"/dashboard/developer", key, key + "/secret", key + "/revoke", key + "/replace"} {
			page := b.Get(path).WantStatus(200).Want("<script>alert(1)</script>")
			for _, tag := range []string{"script", "img"} {
				for element := range elements(page.doc, tag) {
					if !strings.HasPrefix(attribute(element, "src"), "/dashboard/assets/") {
						site.Errorf("%s has a <%s> of its visitor", path, tag)
					}
				}
			}
			for element := range page.doc.Descendants() {
				if element.Type == html.ElementNode && (has(element, "style") || has(element, "onerror")) {
					site.Errorf("%s has an inline style or handler on <%s>", path, element.Data)
				}
			}
		}
	})
}
