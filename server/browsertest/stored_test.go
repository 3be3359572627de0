package browsertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/thebigclass/api/server/processtest"
)

// script is what somebody stores who hopes that a page will run it.
const script = `<script>window.ran = 1</script><img src=x onerror="window.ran = 1">"'><svg onload="window.ran = 1">`

// wantAsText checks that the page shows the script as it was typed, and that none ran.
func (p *page) wantAsText(where string) {
	p.Helper()
	if text := p.text(); !strings.Contains(text, script) && !strings.Contains(text, strings.ReplaceAll(script, `"`, `\"`)) {
		p.Errorf("%s does not show what was stored:\n%s", where, text)
	}
	if run(p, chromedp.Evaluate[bool](`"ran" in window`)) {
		p.Errorf("a stored script ran on %s", where)
	}
}

// Script in a course's title, in the name and the note of a key, in the label of an endpoint and in what a receiver
// answers is text wherever it is shown.
func TestStoredScript_IsShownAsText(t *testing.T) {
	eachSchool(t, func(s *school) {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusGone)
			_, _ = w.Write([]byte(script))
		}))
		s.Cleanup(receiver.Close)
		p := s.signedIn()
		p.visit("/dashboard/developer/keys/new")
		p.fill("Name", script)
		p.fill("Note", script)
		p.tick("read:courses")
		p.follow("Generate")
		p.wantAsText("the page with the secret")
		key := strings.TrimSuffix(p.path(), "/secret")
		hook := p.makeHook(receiver.URL, script)
		s.publishCourse(script)
		p.visit(hook)
		p.until("course.published")
		p.until("Failed")
		for _, path := range []string{hook, hook + "/edit", hook + "/delete", "/dashboard/developer/webhooks", "/dashboard/developer", key, key + "/revoke", key + "/replace"} {
			p.visit(path)
			if path == hook+"/edit" {
				p.wantField("Label", script)
				continue
			}
			p.wantAsText(path)
		}
		p.visit(hook)
		p.follow("course.published")
		p.wantAsText("the answer of a receiver")
		p.click(named("Request"))
		if shown := p.text(); !strings.Contains(shown, `"title": `) || strings.Count(shown, "window.ran") < 6 {
			s.Errorf("the delivery does not show the title of the course:\n%s", shown)
		}
		p.wantAsText("the request of a delivery")
		p.visit("/dashboard/audit")
		if run(p, chromedp.Evaluate[bool](`"ran" in window`)) {
			s.Error("a stored script ran on the audit log")
		}
		p.wantNoStrangers()
		for _, complaint := range p.complaints("410 (Gone)") {
			s.Errorf("the console says %s", complaint)
		}
	})
}

// wantField checks what stands in a field.
func (p *page) wantField(label, want string) {
	p.Helper()
	if got := p.value(label); got != want {
		p.Errorf("%s holds %q, want %q", label, got, want)
	}
}

// publishCourse makes a course of that title and publishes it.
func (s *school) publishCourse(title string) {
	s.Helper()
	body, err := json.Marshal(map[string]string{"title": title})
	if err != nil {
		s.Fatal(err)
	}
	status, answer := s.call("POST", "/api/v1/courses", s.key, string(body))
	if status != 201 {
		s.Fatalf("making a course is answered with %d %s", status, answer)
	}
	id := regexp.MustCompile(`crs_\w+`).FindString(answer)
	if status, answer := s.call("POST", "/api/v1/courses/"+id+"/publish", s.key, "{}"); status != 200 {
		s.Fatalf("publishing is answered with %d %s", status, answer)
	}
}

// The secret of an endpoint is seen once, as that of a key: it is nowhere afterwards but sealed.
func TestEndpointSecret_IsSeenOnce(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		p.visit("/dashboard/developer/webhooks/new")
		p.fill("URL", "http://127.0.0.1:1/hook")
		p.tick("All events")
		p.follow("Add endpoint")
		secret := of[string](p, selected("#secret"), "e.textContent")
		if !strings.HasPrefix(secret, "whsec_") {
			s.Fatalf("the secret is %q", secret)
		}
		p.follow("To the endpoint")
		p.back()
		for range 2 {
			if strings.Contains(p.html(), secret) {
				s.Errorf("the secret is there again at %s", p.path())
			}
			p.reload()
		}
		s.wantNowhere(secret)
	})
}

// Every page of keys and people can be used by everyone, light and dark, in a window and on a phone.
func TestDashboard_IsOpenToAll(t *testing.T) {
	t.Parallel()
	s := newSchool(t, processtest.Postgres(t))
	out := s.open()
	for _, path := range []string{"/dashboard/sign-in", "/dashboard/forgot", "/dashboard/invitations/x", "/dashboard/reset/x", "/dashboard/nowhere"} {
		out.visit(path)
		out.wantOpenToAll()
	}
	p := s.signedIn()
	p.visit("/dashboard/developer/keys/new")
	p.wantOpenToAll()
	p.fill("Name", "CRM sync")
	p.follow("Generate")
	p.wantText("scope")
	p.wantOpenToAll()
	_, key := p.makeKey("CRM sync")
	p.wantOpenToAll()
	if status, _ := s.call("GET", "/api/v1/courses", s.key, ""); status != 200 {
		t.Errorf("a call answers %d", status)
	}
	s.join(p, "viewer").wantOpenToAll()
	for _, path := range []string{"/dashboard/developer", key, key + "/revoke", key + "/replace", key + "/secret", "/dashboard/developer/requests?id=01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"/dashboard/team", "/dashboard/audit", "/dashboard/account", "/dashboard/mail", "/dashboard/nowhere"} {
		p.visit(path)
		p.wantOpenToAll()
	}
	p.visit("/dashboard/team")
	p.visit(of[string](p, selected(`td a[href^="/dashboard/team/usr_"]`), "e.getAttribute('href')"))
	p.wantOpenToAll()
	p.wantNoStrangers()
}
