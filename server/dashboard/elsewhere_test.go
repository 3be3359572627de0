package dashboard_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
)

// invited are the addresses with an open invitation to a workspace.
func (s *Site) invited(workspaceID string) (emails []string) {
	s.Helper()
	list, err := s.DB.Store.Workspace(workspaceID).Invitations(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	for _, one := range list {
		emails = append(emails, one.Email)
	}
	return emails
}

// A form does nothing in a workspace that its page did not show; whoever wants to goes there with it.
func TestForm_ActsInTheWorkspaceOfItsPage(t *testing.T) {
	each(t, func(site *Site) {
		first, second := site.Workspace.ID(), site.secondWorkspace()
		b := site.Owner()
		tab := b.Get("/dashboard/team").Want("Test School")
		b.Post("/dashboard/account/workspace", url.Values{"workspace": {second}}).Want("Second")
		refused := tab.Submit("/dashboard/team/invitations", "email", "dev@example.com", "role", "viewer").
			WantStatus(http.StatusConflict).Want("Nothing was done", "Go to Test School")
		if there, here := site.invited(first), site.invited(second); len(there)+len(here) != 0 {
			t.Fatalf("invited %v and %v", there, here)
		}
		refused.Submit("/dashboard/team/invitations", "_move", "1").WantStatus(http.StatusOK).Want("Test School", "dev@example.com")
		if there, here := site.invited(first), site.invited(second); len(there) != 1 || len(here) != 0 {
			t.Errorf("invited %v and %v", there, here)
		}
	})
}

// Whoever signs in in the middle of a form goes on where the form was; a stranger to that workspace does nothing in their own.
func TestForm_SignedInToInBetweenGoesOnInItsWorkspace(t *testing.T) {
	each(t, func(site *Site) {
		second := site.secondWorkspace()
		b := site.Owner()
		b.Post("/dashboard/account/workspace", url.Values{"workspace": {second}}).Want("Second")
		page := b.Get("/dashboard/team").Want("Second")
		asked := func(email string) *Page {
			t.Helper()
			site.DB.Clock.Advance(store.SessionIdle + time.Second)
			b.forgetWorkspace()
			asked := page.Submit("/dashboard/team/invitations", "email", email, "role", "viewer").Want("Your session has ended")
			return asked
		}
		asked("one@example.com").Submit("/dashboard/team/invitations", "_email", "owner@example.com", "_password", thePassword).
			WantStatus(http.StatusOK).Want("Second", "one@example.com")
		other, err := site.DB.CreateWorkspace(t.Context(), store.NewWorkspace{Name: "Other", TimeZone: "UTC", Currency: "EUR", OwnerEmail: "o@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		site.letIn("o@example.com")
		asked("two@example.com").Submit("/dashboard/team/invitations", "_email", "o@example.com", "_password", thePassword).
			WantStatus(http.StatusConflict).Want("Nothing was done").WantNot("Go to Second")
		if theirs, ours := site.invited(other.ID), site.invited(second); len(theirs) != 0 || len(ours) != 1 {
			t.Errorf("invited %v and %v", theirs, ours)
		}
	})
}

// forgetWorkspace makes the browser forget in which workspace it was.
func (b *Browser) forgetWorkspace() {
	b.Helper()
	address, err := url.Parse(b.URL)
	if err != nil {
		b.Fatal(err)
	}
	b.client.Jar.SetCookies(address, []*http.Cookie{{Name: "tbc_workspace", Path: "/dashboard", MaxAge: -1}})
}
