package dashboard_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
)

// secondWorkspace is another one of the same owner.
func (s *Site) secondWorkspace() string {
	s.Helper()
	s.DB.Clock.Advance(time.Second) // it is not the one that was joined first
	made, err := s.DB.CreateWorkspace(s.Context(), store.NewWorkspace{Name: "Second", TimeZone: "UTC", Currency: "EUR", OwnerEmail: "owner@example.com"})
	if err != nil {
		s.Fatal(err)
	}
	return made.ID
}

// cookies are what the browser would send.
func (b *Browser) cookies() []*http.Cookie {
	b.Helper()
	address, err := url.Parse(b.URL)
	if err != nil {
		b.Fatal(err)
	}
	return b.client.Jar.Cookies(address)
}

// Whoever holds a session but no password gets past no question for it by moving, through the account page or an
// invitation; and the session that was left is over.
func TestMove_DoesNotStandForThePassword(t *testing.T) {
	each(t, func(site *Site) {
		second := site.secondWorkspace()
		b, left := site.Owner(), site.NewBrowser()
		site.DB.Clock.Advance(11 * time.Minute)
		old := b.cookies()
		b.Post("/dashboard/account/workspace", url.Values{"workspace": {second}}).WantStatus(http.StatusOK).Want("Second")
		ask := func() {
			t.Helper()
			b.Post("/dashboard/team/invitations", url.Values{"form": {"a"}, "email": {"x@example.com"}, "role": {"viewer"}}).
				WantStatus(http.StatusForbidden).Want("Confirm that it is you")
		}
		ask()
		address, err := url.Parse(site.URL)
		if err != nil {
			t.Fatal(err)
		}
		left.client.Jar.SetCookies(address, old)
		left.Get("/dashboard/account").Want("Sign in")

		third, err := site.DB.CreateWorkspace(t.Context(), store.NewWorkspace{Name: "Third", TimeZone: "UTC", Currency: "EUR", OwnerEmail: "t@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		var token string
		err = site.DB.Store.Workspace(third.ID).Tx(t.Context(), func(tx *store.Tx) (err error) {
			_, token, err = tx.Invite(t.Context(), store.NewInvitation{Email: "owner@example.com", Role: store.Owner, InvitedBy: "usr_1"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b.Post("/dashboard/invitations", url.Values{"token": {token}}).WantStatus(http.StatusOK).Want("Third")
		ask()
	})
}

// Going to where one is changes nothing, nor does giving oneself the role that one has: the session stays the same.
func TestMove_ToTheSamePlaceDoesNothing(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		before := b.cookies()
		b.Post("/dashboard/account/workspace", url.Values{"workspace": {site.Workspace.ID()}}).WantStatus(http.StatusOK).Want("API keys")
		me, err := site.DB.Credentials(t.Context(), "owner@example.com")
		if err != nil {
			t.Fatal(err)
		}
		b.Get("/dashboard/team/"+me.UserID).Submit("/dashboard/team/"+me.UserID+"/role", "role", "owner").WantStatus(http.StatusOK)
		for i, cookie := range b.cookies() {
			if cookie.Value != before[i].Value {
				t.Errorf("the cookie %s changed", cookie.Name)
			}
		}
		site.wantTold("session.started")
	})
}

// Somebody's own role changes their session, but does not stand for the password either.
func TestMove_ByOnesOwnRoleInheritsTheTimes(t *testing.T) {
	each(t, func(site *Site) {
		admin := site.person(store.Admin)
		b := site.Enter(admin)
		site.DB.Clock.Advance(9 * time.Minute)
		b.Get("/dashboard/team/"+admin).Submit("/dashboard/team/"+admin+"/role", "role", "developer").WantStatus(http.StatusOK)
		list, err := site.DB.Sessions(t.Context(), admin)
		if err != nil || len(list) != 1 || !list[0].ConfirmedAt.Equal(list[0].CreatedAt) || site.DB.Clock.Now().Sub(list[0].CreatedAt) != 9*time.Minute {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// An open browser a minute after signing in is no reason to change the password without the present one.
func TestChangePassword_WantsThePresentOneInItsForm(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		b.Post("/dashboard/account/password", url.Values{"password": {newPassword}}).
			WantStatus(http.StatusUnprocessableEntity).Want("Enter your current password").WantNot(newPassword)
		b.Post("/dashboard/account/password", url.Values{"password": {newPassword}, "_password": {""}}).WantStatus(http.StatusForbidden)
		site.Owner()
	})
}
