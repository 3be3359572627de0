package dashboard_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/server/jobs"
	"github.com/thebigclass/api/store"
)

const newPassword = "wheel under seven moons"

// work does what the server does beside its answers.
func (s *Site) work() {
	jobs.New(s.DB.Store, slog.New(slog.NewJSONHandler(s.Log, nil)), s.URL).Once(s.Context())
}

// Whoever forgot the password sets a new one by the mailed link, once, and every session from before is over.
func TestForgotten_FromMailToSignIn(t *testing.T) {
	each(t, func(site *Site) {
		before := site.Owner()
		b := site.NewBrowser()
		forgot := b.Get("/dashboard/sign-in").Get("/dashboard/forgot")
		forgot.Submit("/dashboard/forgot", "email", "Owner@example.com").WantStatus(http.StatusOK).Want("a link is on its way")
		site.work()
		mail, link := site.letter()
		if mail.Kind != store.MailPasswordReset || !strings.HasPrefix(link, "/dashboard/reset/") {
			t.Fatalf("%+v", mail)
		}
		asked := b.Get(link).WantStatus(http.StatusOK)
		asked.Submit("/dashboard/reset", "password", "short").WantStatus(http.StatusUnprocessableEntity).Want("at least 12 characters").WantNot(`value="short"`)
		signIn := asked.Submit("/dashboard/reset", "password", newPassword).WantStatus(http.StatusOK).Want("Your new password is set")
		asked.Submit("/dashboard/reset", "password", "another long sentence").WantStatus(http.StatusNotFound)
		b.Get(link).WantStatus(http.StatusNotFound)
		before.Get("/dashboard/developer").Want("Sign in")
		signIn.Submit("/dashboard/sign-in", "_email", "owner@example.com", "_password", newPassword).WantStatus(http.StatusOK)
		site.wantTold("session.started", "password.reset", "password.reset_requested", "session.started")
		_, token, _ := strings.Cut(link, "/reset/")
		if log := site.Log.String(); strings.Contains(log, token) || strings.Contains(log, newPassword) || strings.Contains(log, "example.com") {
			t.Errorf("the log holds a secret or a name:\n%s", log)
		}
	})
}

// The answer is the same for a stranger, byte for byte, and a stranger gets no mail.
func TestForgotten_TellsNobodyWhoIsKnown(t *testing.T) {
	each(t, func(site *Site) {
		b := site.NewBrowser()
		forgot := b.Get("/dashboard/forgot")
		known := forgot.Submit("/dashboard/forgot", "email", "owner@example.com")
		unknown := forgot.Submit("/dashboard/forgot", "email", "stranger@example.com")
		if withoutForm(known.Body) != withoutForm(unknown.Body) || known.Path != unknown.Path || known.Status != unknown.Status {
			t.Errorf("the answers differ:\n%s\n%s", known.Body, unknown.Body)
		}
		site.work()
		page, err := site.Workspace.Emails(t.Context(), store.ListOptions{})
		if err != nil || len(page.Items) != 1 {
			t.Errorf("%d mails, %v", len(page.Items), err)
		}
		for range 3 {
			forgot.Submit("/dashboard/forgot", "email", "stranger@example.com")
		}
		forgot.Submit("/dashboard/forgot", "email", "stranger@example.com").WantStatus(http.StatusUnprocessableEntity).Want("try again in 1 minute").WantNot("on its way")
		forgot.Submit("/dashboard/forgot", "email", "").WantStatus(http.StatusUnprocessableEntity)
	})
}

// withoutForm is a page less the id that is drawn for it.
func withoutForm(body string) string {
	before, rest, found := strings.Cut(body, `name="form" value="`)
	if !found {
		return body
	}
	_, after, _ := strings.Cut(rest, `"`)
	return before + withoutForm(after)
}

// A wrong password is told of where its owner sees it, from where but not what; a stranger's address is told nowhere.
func TestSignIn_RefusalIsInTheLogOfWhomItConcerns(t *testing.T) {
	each(t, func(site *Site) {
		page := site.NewBrowser().Get("/dashboard/sign-in")
		page.Submit("/dashboard/sign-in", "_email", "stranger@example.com", "_password", "a guess of somebody")
		if told := site.told(); len(told) != 0 {
			t.Errorf("of a stranger the log tells %v", told)
		}
		page.Submit("/dashboard/sign-in", "_email", "owner@example.com", "_password", "a guess of somebody")
		site.wantTold("session.refused")
		lines, err := site.Workspace.AuditLog(t.Context(), store.AuditQuery{})
		if err != nil || lines.Items[0].Actor != store.System || lines.Items[0].Address != "127.0.0.1" {
			t.Errorf("%+v, %v", lines, err)
		}
	})
}

// Who signs in rightly, however often and from one address, is never held up.
func TestSignIn_RightOnesAreNotThrottled(t *testing.T) {
	each(t, func(site *Site) {
		for range 8 {
			site.Owner()
			site.DB.Clock.Advance(time.Second)
		}
	})
}
