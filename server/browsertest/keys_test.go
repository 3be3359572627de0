package browsertest

import (
	"strings"
	"testing"
)

// The secret is shown once: reloading, going back, coming back through the history and visiting its address again show
// that it is gone. It is in no address, no referrer, no log, no audit entry and nowhere in the database.
func TestKeySecret_IsSeenOnce(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		secret, path := p.makeKey("CRM sync")
		if len(secret) != 40 || !strings.HasPrefix(secret, "tbc_") {
			s.Fatalf("the secret is %q", secret)
		}
		wantGone := func(when string) {
			s.Helper()
			if strings.Contains(p.html(), secret) {
				s.Errorf("%s, the secret is there again at %s", when, p.path())
			}
		}
		shownAt := p.path()
		p.follow("I have copied it: see the first call arrive")
		wantGone("on the page of the key")
		p.back()
		wantGone("after going back")
		p.visit(shownAt)
		wantGone("at its address")
		p.reload()
		wantGone("after reloading")
		p.wantText("shown already")
		p.back()
		wantGone("after going back once more")
		s.wantNowhere(secret)
		if status, answer := s.call("GET", "/api/v1/courses", secret, ""); status != 200 {
			s.Errorf("the key opens nothing: %d %s", status, answer)
		}
		if status := p.visit(path); status != 200 {
			s.Errorf("the page of the key answers %d", status)
		}
		s.wantNowhere(secret)
		for _, address := range p.seen.addresses() {
			if strings.Contains(address, secret) {
				s.Errorf("the secret is in the address %s", address)
			}
		}
		p.wantNoStrangers()
	})
}

// The browser of somebody who has turned scripts off keeps no page with the secret either.
func TestKeySecret_IsGoneAfterGoingBackWithoutScripts(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn().withoutScript()
		secret, _ := p.makeKey("CRM sync")
		p.follow("I have copied it: see the first call arrive")
		p.back()
		if strings.Contains(p.html(), secret) {
			s.Error("the secret is shown again")
		}
	})
}

// Reloading the page that shows the secret is what an impatient person does first.
func TestKeySecret_IsGoneOnReload(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		secret, _ := p.makeKey("CRM sync")
		p.reload()
		if strings.Contains(p.html(), secret) {
			s.Error("the secret is shown again")
		}
		p.wantText("shown already")
	})
}

// Two presses, two tabs or a form sent again from the history make one key.
func TestKeyForm_SentTwiceMakesOneKey(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn().withoutScript() // with scripts the button rests after the first press
		p.visit("/dashboard/developer/keys/new")
		p.fill("Name", "Twice")
		p.tick("read:courses")
		form := of[string](p, selected(`form[action="/dashboard/developer/keys/new"]`), `new URLSearchParams(new FormData(e)).toString()`)
		p.follow("Generate")
		first := p.path()
		for range 2 {
			status, location := p.post("/dashboard/developer/keys/new", form)
			if status != 303 || location != first {
				s.Errorf("sent again, the form answers %d to %q, want %q", status, location, first)
			}
		}
		p.visit("/dashboard/developer")
		if n := strings.Count(p.text(), "Twice"); n != 1 {
			s.Errorf("%d keys were made", n)
		}
	})
}

// Who forgets a scope keeps what was typed, and is told at the field.
func TestKeyForm_ErrorKeepsWhatWasTyped(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		p.visit("/dashboard/developer/keys/new")
		p.fill("Name", `Half "done" & <more>`)
		p.fill("Note", "For\nthe nightly sync")
		if status := p.follow("Generate"); status != 422 {
			s.Errorf("a key without a scope answers %d", status)
		}
		if name, note := p.value("Name"), p.value("Note"); name != `Half "done" & <more>` || note != "For\nthe nightly sync" {
			s.Errorf("kept %q and %q", name, note)
		}
		p.tick("read:courses")
		if status := p.follow("Generate"); status != 200 || !p.has(selected("#secret")) {
			s.Errorf("the mended form answers %d:\n%s", status, p.text())
		}
	})
}

// Whose session ends in the middle of a form signs in again and has lost nothing, not even the press of the button.
func TestKeyForm_SignedOutInBetweenLosesNothing(t *testing.T) {
	eachSchool(t, func(s *school) {
		p := s.signedIn()
		p.visit("/dashboard/developer/keys/new")
		p.fill("Name", "Interrupted")
		p.fill("Note", "typed before")
		p.tick("read:courses")
		p.forgetCookies()
		p.follow("Generate")
		p.wantText("Sign in", "what you entered is kept")
		p.fill("E-mail", s.email)
		p.fill("Password", "not the password")
		p.follow("Sign in")
		p.wantText("not right")
		p.fill("Password", s.password)
		p.follow("Sign in")
		p.wantText("Interrupted", "Copy the key now")
		p.follow("I have copied it: see the first call arrive")
		p.wantText("typed before", "read:courses")
	})
}
