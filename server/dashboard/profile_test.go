package dashboard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The present password first; then everything else is signed out, and this browser goes on in a new session.
func TestAccount_ChangePassword(t *testing.T) {
	each(t, func(site *Site) {
		b, elsewhere := site.Owner(), site.Owner()
		address, err := url.Parse(site.URL)
		if err != nil {
			t.Fatal(err)
		}
		old := b.client.Jar.Cookies(address)[0].Value
		page := b.Get("/dashboard/account")
		page.Submit("/dashboard/account/password", "_password", "not the right one", "password", newPassword).WantStatus(http.StatusForbidden).WantNot(newPassword)
		page.Submit("/dashboard/account/password", "_password", thePassword, "password", "aaaaaaaaaaaa").WantStatus(http.StatusUnprocessableEntity).Want("different characters")
		page.Submit("/dashboard/account/password", "_password", thePassword, "password", newPassword).WantStatus(http.StatusOK).Want("Your password is changed")
		if fresh := b.client.Jar.Cookies(address)[0].Value; fresh == old {
			t.Error("the session is the old one")
		}
		elsewhere.Get("/dashboard/account").Want("Sign in")
		site.wantTold("session.started", "password.changed", "session.refused", "session.started", "session.started")
		site.NewBrowser().Get("/dashboard/sign-in").Submit("/dashboard/sign-in", "_email", "owner@example.com", "_password", newPassword).WantStatus(http.StatusOK)
	})
}

// One's sessions are listed and ended, one by one and all at once; a stranger's is the same 404 as none.
func TestAccount_Sessions(t *testing.T) {
	each(t, func(site *Site) {
		dev := site.person("developer")
		theirs, b, elsewhere := site.Enter(dev), site.Owner(), site.Owner()
		sessions, err := site.DB.Sessions(t.Context(), dev)
		if err != nil || len(sessions) != 1 {
			t.Fatal(sessions, err)
		}
		b.Post("/dashboard/account/sessions/"+sessions[0].ID+"/end", url.Values{"form": {"x"}}).WantStatus(http.StatusNotFound)
		theirs.Get("/dashboard/account").Want("this one")
		page := b.Get("/dashboard/account").Want("this one", "Go-http-client", "127.0.0.1")
		var other string
		for form := range elements(page.doc, "form") {
			if action := attribute(form, "action"); strings.HasPrefix(action, "/dashboard/account/sessions/ses_") {
				other = action
			}
		}
		values := page.Filled(other)
		for range 2 { // a double click
			b.Post(other, values).WantStatus(http.StatusOK).Want("That session has ended")
		}
		elsewhere.Get("/dashboard/account").Want("Sign in")
		again := site.Owner()
		b.Get("/dashboard/account").Submit("/dashboard/account/sessions/end").Want("signed out on every device")
		b.Get("/dashboard/account").Want("Sign in")
		again.Get("/dashboard/account").Want("Sign in")
		theirs.Get("/dashboard/account").Want("this one")
		site.wantTold("session.all_ended", "session.started", "session.started", "session.started", "session.ended")
	})
}
