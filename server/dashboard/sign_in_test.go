package dashboard_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Whoever is not signed in sees the sign-in page, and goes on from it to where they wanted to be.
func TestSignIn_GoesOnToThePageThatWasAskedFor(t *testing.T) {
	each(t, func(site *Site) {
		b := site.NewBrowser()
		asked := b.Get("/dashboard/developer?tab=1").WantStatus(http.StatusOK).Want("Sign in")
		shown := asked.Submit("/dashboard/sign-in", "_email", "OWNER@example.com", "_password", thePassword)
		if shown.Path != "/dashboard/developer?tab=1" {
			t.Errorf("went on to %s", shown.Path)
		}
	})
}

// A link must not lead from our sign-in page to somebody else's.
func TestSignIn_StaysOnThisSite(t *testing.T) {
	each(t, func(site *Site) {
		for _, next := range []string{"https://evil.example/", "//evil.example", "/dashboard\\evil", "/api/v1/me", "/dashboardish"} {
			b := site.NewBrowser()
			asked := b.Get("/dashboard/sign-in?next=" + url.QueryEscape(next))
			if shown := asked.Submit("/dashboard/sign-in", "_email", "owner@example.com", "_password", thePassword); !strings.HasPrefix(shown.Path, "/dashboard/developer") {
				t.Errorf("%q led to %s", next, shown.Path)
			}
		}
	})
}

// A wrong password and an unknown address read alike, and the address stays in the field.
func TestSignIn_RefusalTellsNobodyWhoIsKnown(t *testing.T) {
	each(t, func(site *Site) {
		page := site.NewBrowser().Get("/dashboard/sign-in")
		wrong := page.Submit("/dashboard/sign-in", "_email", "owner@example.com", "_password", "not the right sentence").WantStatus(http.StatusForbidden)
		unknown := page.Submit("/dashboard/sign-in", "_email", "nobody@example.com", "_password", "not the right sentence").WantStatus(http.StatusForbidden)
		if got, want := strings.ReplaceAll(unknown.Body, "nobody@example.com", "owner@example.com"), wrong.Body; got != want {
			t.Errorf("the two refusals differ:\n%s\n%s", got, want)
		}
		wrong.Want("is not right").WantNot("not the right sentence")
	})
}

// Guessing at an account is slowed down, and the right password waits too; nobody else does.
func TestSignIn_GuessingIsThrottled(t *testing.T) {
	each(t, func(site *Site) {
		page := site.NewBrowser().Get("/dashboard/sign-in")
		for range 5 {
			page.Submit("/dashboard/sign-in", "_email", "owner@example.com", "_password", "guess guess guess").WantStatus(http.StatusForbidden)
		}
		page.Submit("/dashboard/sign-in", "_email", "OWNER@example.com ", "_password", thePassword).WantStatus(http.StatusForbidden).Want("Too many attempts")
		site.Join("other@example.com", "viewer")
		site.SignIn("other@example.com")
		site.letIn("owner@example.com") // as by a reset: whoever can read the mail is not kept out
		site.Owner()
	})
}

// Guessing at many accounts from one address is slowed down too. Right passwords from there do not make its wait longer.
func TestSignIn_GuessingFromOneAddressIsThrottled(t *testing.T) {
	each(t, func(site *Site) {
		page := site.NewBrowser().Get("/dashboard/sign-in")
		guess := func(i int) *Page {
			return page.Submit("/dashboard/sign-in", "_email", fmt.Sprintf("guessed-%d@example.com", i), "_password", "guess guess guess").WantStatus(http.StatusForbidden)
		}
		for i := range 20 {
			guess(i).Want("is not right")
		}
		guess(20).Want("Too many attempts")
		page.Submit("/dashboard/sign-in", "_email", "owner@example.com", "_password", thePassword).WantStatus(http.StatusForbidden).Want("Too many attempts")
		site.DB.Clock.Advance(time.Minute)
		for range 2 {
			site.Owner()
		}
	})
}

// Signing out ends the session itself, not only the browser's memory of it.
func TestSignOut_EndsTheSession(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page := b.Get("/dashboard/developer").WantStatus(http.StatusOK)
		address, err := url.Parse(site.URL)
		if err != nil {
			t.Fatal(err)
		}
		kept := b.client.Jar.Cookies(address)
		page.Submit("/dashboard/sign-out").Want("You are signed out")
		b.client.Jar.SetCookies(address, kept)
		b.Get("/dashboard/developer").Want("Sign in")
	})
}

// A form of another site is refused although it comes with our cookie; so is a page's own from an old browser
// that says another origin.
func TestForm_FromAnotherSiteIsRefused(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		b.Post("/dashboard/sign-out", url.Values{}, "Sec-Fetch-Site", "cross-site").WantStatus(http.StatusForbidden)
		b.Post("/dashboard/sign-out", url.Values{}, "Origin", "https://evil.example").WantStatus(http.StatusForbidden)
		b.Get("/dashboard/developer").Want("owner@example.com")
	})
}

// Keys open the API and nothing else; sessions open the dashboard and nothing else.
func TestGates_KeysAndSessionsDoNotMix(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+"/dashboard/developer", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer tbc_whatever")
		b.Send(r).WantStatus(http.StatusForbidden)
		b.Get("/api/v1/me").WantStatus(http.StatusUnauthorized)
	})
}

// Every answer carries the headers that keep a page to itself.
func TestHeaders_AreOnEveryAnswer(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		for _, path := range []string{"/dashboard/developer", "/dashboard/sign-in", "/dashboard/nothing/here"} {
			header := b.Get(path).Header
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
				"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", path, name, got, want)
				}
			}
		}
	})
}
