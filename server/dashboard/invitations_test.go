package dashboard_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
)

// An admin neither takes back nor replaces what only an owner may give.
func TestInvitation_OfAnOwnerIsNoAdminsToTouch(t *testing.T) {
	each(t, func(site *Site) {
		site.Owner().Get("/dashboard/team").Submit("/dashboard/team/invitations", "email", "boss@example.com", "role", "owner").WantStatus(http.StatusOK)
		list, err := site.Workspace.Invitations(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		b := site.Enter(site.person(store.Admin))
		b.Post("/dashboard/team/invitations", url.Values{"form": {"1"}, "email": {"BOSS@example.com"}, "role": {"viewer"}}).
			WantStatus(http.StatusUnprocessableEntity).Want("only an owner may change that")
		b.Post("/dashboard/team/invitations/"+list[0].ID+"/withdraw", url.Values{"form": {"2"}}).
			WantStatus(http.StatusUnprocessableEntity).Want("only an owner may change that")
		if left, err := site.Workspace.Invitations(t.Context()); err != nil || len(left) != 1 || left[0] != list[0] {
			t.Errorf("%+v, %v", left, err)
		}
	})
}

// A tab that stays fresh by itself does not keep its session alive.
func TestSession_OfAnOpenTabEnds(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		site.DB.Clock.Advance(store.SessionIdle - time.Minute)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+"/dashboard/developer", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Live", "1")
		b.Send(r).WantStatus(http.StatusOK).Want("owner@example.com")
		site.DB.Clock.Advance(time.Minute)
		b.Get("/dashboard/developer").Want("Sign in")
	})
}
