package browsertest

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A form of another site, or of another program on the same host, is refused though the browser is signed in.
func TestForms_OfOtherSitesAreRefused(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		for _, host := range []string{"localhost", "127.0.0.1"} {
			p.visit(strings.Replace(served(s.T, `<!doctype html><title>Prize</title><form method="post" action="`+s.server.URL+`/dashboard/developer/keys/new">
				<input type="hidden" name="name" value="Forged"><input type="hidden" name="scope" value="read:students">
				<input type="hidden" name="expires" value="never"><button>Take the prize</button></form>`), "127.0.0.1", host, 1))
			if status := p.follow("Take the prize"); status != 403 {
				s.Errorf("a form of %s is answered with %d", host, status)
			}
			p.wantText("came from another site")
		}
		p.visit("/dashboard/developer")
		if strings.Contains(p.text(), "Forged") {
			s.Error("the forged form made a key")
		}
	})
}

// No page lets another one show it in a frame, where its buttons could be pressed unseen.
func TestPages_CannotBeFramed(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		for _, path := range []string{"/dashboard/developer", "/dashboard/developer/keys/new", "/docs/"} {
			before := len(p.complaints())
			p.visit(served(s.T, `<!doctype html><title>Prize</title><iframe src="`+s.server.URL+path+`"></iframe>`))
			if refused := strings.Join(p.complaints()[before:], "\n"); !strings.Contains(refused, "frame-ancestors") && !strings.Contains(refused, "X-Frame-Options") {
				s.Errorf("%s was framed: the console says %q", path, refused)
			}
		}
	})
}

// A session opens no API, not even for a script on a page of ours, and a key opens no dashboard.
func TestSessionAndKey_OpenOnlyTheirOwn(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		answer := run(p, chromedp.Evaluate[string](`fetch("/api/v1/me").then(async r => r.status + " " + await r.text())`, chromedp.EvalAwaitPromise))
		if !strings.HasPrefix(answer, "401 ") {
			s.Errorf("with the session cookie the API answers %s", answer)
		}
		for _, with := range []*page{p, s.open()} {
			call(with, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": "Bearer " + s.key}})
			if status := with.visit("/dashboard/developer"); status != 403 || strings.Contains(with.text(), "Demo key") {
				s.Errorf("with a key the dashboard answers %d:\n%s", status, with.text())
			}
		}
	})
}

// invitation is the link of an e-mail, which the owner of a school in development can read.
var invitation = regexp.MustCompile(`/dashboard/invitations/[\w-]+`)

// join is a tab of somebody who was invited with that role and has signed in.
func (s *school) join(owner *page, role string) *page {
	s.Helper()
	const password = "a long enough passphrase"
	owner.visit("/dashboard/team")
	owner.fill("E-mail", role+"@example.com")
	owner.tick(role)
	owner.follow("Invite")
	owner.visit("/dashboard/mail")
	link := invitation.FindString(owner.text())
	p := s.open()
	p.visit(link)
	p.fill("New password", password)
	p.follow("Join")
	if p.has(field("E-mail")) {
		p.fill("E-mail", role+"@example.com")
		p.fill("Password", password)
		p.follow("Sign in")
	}
	p.visit("/dashboard/developer")
	p.wantText("API keys", role+"@example.com")
	return p
}

// A viewer sees keys and endpoints, has no button to change them, and cannot do it by address either.
func TestViewer_CannotDoByAddressWhatHasNoButton(t *testing.T) {
	eachSchool(t, func(s *school) {
		owner := s.signedIn()
		_, key := owner.makeKey("CRM sync")
		hook := owner.makeHook("http://127.0.0.1:1/hook", "CRM")
		p := s.join(owner, "viewer")
		for _, page := range []string{"/dashboard/developer", key, "/dashboard/developer/webhooks", hook, "/dashboard/team"} {
			if status := p.visit(page); status != 200 {
				s.Errorf("%s answers a viewer with %d", page, status)
			}
			for _, button := range []string{"New API key", "Revoke", "Replace", "Add endpoint", "Send a test event", "Edit", "Disable", "Delete…", "Invite"} {
				if p.has(named(button)) {
					s.Errorf("%s shows a viewer the button %s", page, button)
				}
			}
		}
		for _, page := range []string{"/dashboard/developer/keys/new", key + "/revoke", key + "/replace", "/dashboard/developer/webhooks/new",
			hook + "/edit", hook + "/delete", "/dashboard/audit", "/dashboard/mail"} {
			if status := p.visit(page); status != 403 {
				s.Errorf("%s answers a viewer with %d", page, status)
			}
		}
		form := url.Values{"form": {"f"}, "name": {"By address"}, "scope": {"read:courses"}, "expires": {"never"}, "url": {"http://127.0.0.1:1/x"},
			"events": {"*"}, "email": {"x@example.com"}, "role": {"owner"}}.Encode()
		for _, target := range []string{"/dashboard/developer/keys/new", key + "/revoke", key + "/replace", "/dashboard/developer/webhooks/new", hook + "/edit",
			hook + "/rotate", hook + "/test", hook + "/disable", hook + "/enable", hook + "/delete", hook + "/recover", "/dashboard/team/invitations"} {
			if status, _ := p.post(target, form); status != 403 {
				s.Errorf("a viewer's POST to %s answers %d", target, status)
			}
		}
	})
}

// makeHook makes an endpoint for all events and returns the path of its page.
func (p *page) makeHook(address, label string) (path string) {
	p.Helper()
	p.visit("/dashboard/developer/webhooks/new")
	p.fill("URL", address)
	p.fill("Label", label)
	p.tick("All events")
	p.follow("Add endpoint")
	p.follow("To the endpoint")
	return p.path()
}

// What belongs to another workspace looks, under every address, as what never was.
func TestAddresses_OfAnotherWorkspaceAreTheSame404(t *testing.T) {
	eachSchool(t, func(s *school) {
		other := s.db.TBC("workspace", "create", "--name", "Other", "--time-zone", "UTC", "--currency", "EUR", "--owner-email", "other@example.com")
		password := strings.Fields(s.db.TBC("user", "password", "--email", "other@example.com", "--generate"))
		theirs := s.signedInAs("other@example.com", password[len(password)-1])
		_, key := theirs.makeKey("Theirs")
		hook := theirs.makeHook("http://127.0.0.1:1/hook", "Theirs")
		theirs.follow("Send a test event")
		theirs.until("webhook.test")
		theirs.visit("/dashboard/developer/webhooks/deliveries")
		delivery := of[string](theirs, selected("tbody a"), "e.getAttribute('href')")
		theirs.visit("/dashboard/team")
		member := of[string](theirs, selected(`td a[href^="/dashboard/team/usr_"]`), "e.getAttribute('href')")
		p := s.signedIn()
		for _, path := range []string{key, key + "/secret", key + "/revoke", key + "/replace", hook, hook + "/edit", hook + "/delete", hook + "/secret", delivery, member} {
			s.wantAsUnknown(p, path)
		}
		for _, path := range []string{key + "/revoke", key + "/replace", hook + "/edit", hook + "/rotate", hook + "/test", hook + "/disable",
			hook + "/delete", hook + "/recover", delivery + "/send", member + "/remove"} {
			status, _ := p.post(path, "form=f&name=X&scope=read:courses&grace=60&url=http%3A%2F%2F127.0.0.1%3A1%2Fx&events=*&since=2026-01-01T00:00&overlap=0")
			if status != 404 {
				s.Errorf("POST %s of %s answers %d", path, other, status)
			}
		}
	})
}

// ids is one in an address.
var ids = regexp.MustCompile(`(key|whe|evd|usr)_\w+`)

// wantAsUnknown checks that an address answers as one with an id that nobody has.
func (s *school) wantAsUnknown(p *page, path string) {
	s.Helper()
	unknown := ids.ReplaceAllString(path, "${1}_01ARZ3NDEKTSV4RRFFQ69G5FAV")
	status := p.visit(path)
	text := p.text()
	if want := p.visit(unknown); status != 404 || want != 404 || text != p.text() {
		s.Errorf("%s answers %d and an unknown id %d:\n%s\n%s", path, status, want, text, p.text())
	}
}
