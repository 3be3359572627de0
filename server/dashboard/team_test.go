package dashboard_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
)

// letter is the newest e-mail, and the path of the link in it.
func (s *Site) letter() (store.Email, string) {
	s.Helper()
	page, err := s.Workspace.Emails(s.Context(), store.ListOptions{Limit: 1})
	if err != nil || len(page.Items) != 1 {
		s.Fatal("no e-mail", err)
	}
	link := regexp.MustCompile(`/dashboard/[a-z]+/\S+`).FindString(page.Items[0].Body)
	return page.Items[0], link
}

// told are the actions in the workspace's log, by name.
func (s *Site) told() []string {
	s.Helper()
	page, err := s.Workspace.AuditLog(s.Context(), store.AuditQuery{})
	if err != nil {
		s.Fatal(err)
	}
	var actions []string
	for _, line := range page.Items {
		actions = append(actions, line.Action)
	}
	slices.Sort(actions)
	return actions
}

// wantTold checks all that was done, in any order: the clock stands still.
func (s *Site) wantTold(want ...string) {
	s.Helper()
	slices.Sort(want)
	if got := s.told(); !slices.Equal(got, want) {
		s.Errorf("the log tells of %v, want %v", got, want)
	}
}

// An owner invites; whoever reads the mail sets a password and is in, once. A double click sends one mail.
func TestInvitation_FromMailToMember(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		form := b.Get("/dashboard/team").Filled("/dashboard/team/invitations", "email", "dev@example.com", "role", "developer")
		for range 2 {
			b.Post("/dashboard/team/invitations", form).WantStatus(http.StatusOK).Want("The invitation is on its way", "dev@example.com")
		}
		mail, link := site.letter()
		page, err := site.Workspace.Emails(t.Context(), store.ListOptions{})
		if err != nil || len(page.Items) != 1 || mail.Recipients[0] != "dev@example.com" || !strings.HasPrefix(link, "/dashboard/invitations/") {
			t.Fatalf("%d mails, %+v, %v", len(page.Items), mail, err)
		}
		guest := site.NewBrowser()
		asked := guest.Get(link).WantStatus(http.StatusOK).Want("Join Test School", "developer")
		if asked.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Error("the link can leave by the referrer")
		}
		asked.Submit("/dashboard/invitations", "password", "password1234").WantStatus(http.StatusUnprocessableEntity).Want("think of another").WantNot("password1234")
		asked.Submit("/dashboard/invitations", "password", "wheel under seven moons").WantStatus(http.StatusOK).Want("API keys", "dev@example.com")
		site.NewBrowser().Get(link).WantStatus(http.StatusNotFound).Want("opens nothing any more")
		site.wantTold("session.started", "session.started", "member.joined", "invitation.created")
		_, token, _ := strings.Cut(link, "/invitations/")
		if strings.Contains(site.Log.String(), token) || strings.Contains(site.Log.String(), "dev@example.com") {
			t.Error("the log holds the link or the address")
		}
	})
}

// Somebody with a password joins with it: the link does not sign them in. Whoever has signed in just goes on.
func TestInvitation_OfSomebodyWithAPassword(t *testing.T) {
	each(t, func(site *Site) {
		for _, email := range []string{"two@example.com", "three@example.com"} {
			_, err := site.DB.CreateWorkspace(t.Context(), store.NewWorkspace{Name: "Other", TimeZone: "UTC", Currency: "EUR", OwnerEmail: email})
			if err != nil {
				t.Fatal(err)
			}
			site.letIn(email)
		}
		site.Owner().Get("/dashboard/team").Submit("/dashboard/team/invitations", "email", "TWO@example.com", "role", "admin")
		_, link := site.letter()
		guest := site.NewBrowser()
		signIn := guest.Get(link).Submit("/dashboard/invitations").WantStatus(http.StatusOK).Want("You are a member now", "Sign in")
		home := signIn.Submit("/dashboard/sign-in", "_email", "two@example.com", "_password", thePassword).Want("Test School")
		account := home.Get("/dashboard/account").Want("Other", "owner")
		account.Submit("/dashboard/account/workspace").Want("Other")
		guest.Post("/dashboard/account/workspace", url.Values{"workspace": {"org_nobodys"}}).WantStatus(http.StatusNotFound)
		site.Owner().Get("/dashboard/team").Submit("/dashboard/team/invitations", "email", "three@example.com", "role", "viewer")
		_, link = site.letter()
		there := site.SignIn("three@example.com")
		there.Get("/dashboard/account").Want("owner of Other")
		there.Get(link).Submit("/dashboard/invitations").Want("Test School").Get("/dashboard/account").Want("viewer of Test School")
	})
}

// A link that was taken back opens nothing; what is typed wrongly stays; whoever is in is not invited again.
func TestInvitation_TakenBackAndRefused(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page := b.Get("/dashboard/team")
		page.Submit("/dashboard/team/invitations", "email", "owner@example.com", "role", "viewer").
			WantStatus(http.StatusUnprocessableEntity).Want("Is a member already").WantNot(`value="" autocomplete`)
		page.Submit("/dashboard/team/invitations", "email", "dev@example.com", "role", "viewer")
		_, link := site.letter()
		list, err := site.Workspace.Invitations(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		b.Get("/dashboard/team").Submit("/dashboard/team/invitations/" + list[0].ID + "/withdraw").Want("Nobody is invited")
		site.NewBrowser().Get(link).WantStatus(http.StatusNotFound)
		site.wantTold("invitation.withdrawn", "invitation.created", "session.started")
	})
}

// Roles change for those who may, after the password; the changed one is signed out; the last owner stays.
func TestTeam_RolesAndRemoval(t *testing.T) {
	each(t, func(site *Site) {
		dev := site.person(store.Developer)
		theirs, b := site.Enter(dev), site.Owner()
		page := b.Get("/dashboard/team/" + dev).Want("developer@team.example")
		site.DB.Clock.Advance(11 * time.Minute)
		asked := page.Submit("/dashboard/team/"+dev+"/role", "role", "viewer").WantStatus(http.StatusForbidden).Want("Confirm that it is you")
		asked.Submit("/dashboard/team/"+dev+"/role", "_password", thePassword).WantStatus(http.StatusOK).Want("The role is changed")
		theirs.Get("/dashboard/developer").Want("Sign in")
		again := site.Enter(dev)
		again.Get("/dashboard/team/" + dev).WantStatus(http.StatusForbidden)
		b.Get("/dashboard/team/" + dev).Submit("/dashboard/team/" + dev + "/remove").WantStatus(http.StatusOK).Want("no longer a member")
		again.Get("/dashboard/developer").Want("Sign in")
		site.NewBrowser().Get("/dashboard/sign-in").Submit("/dashboard/sign-in", "_email", "developer@team.example", "_password", thePassword).
			WantStatus(http.StatusForbidden).Want("You belong to no workspace")
		me := ""
		members, err := site.Workspace.Members(t.Context())
		if err != nil || len(members) != 1 {
			t.Fatal(members, err)
		}
		me = members[0].UserID
		own := b.Get("/dashboard/team/" + me)
		own.Submit("/dashboard/team/"+me+"/role", "role", "viewer").WantStatus(http.StatusUnprocessableEntity).Want("Is the last owner")
		own.Submit("/dashboard/team/" + me + "/remove").WantStatus(http.StatusUnprocessableEntity).Want("Is the last owner")
		site.wantTold("member.removed", "member.role_changed", "session.started")
	})
}

// An admin makes nobody an owner and touches none, by whatever URL; and changes their own role without being locked out.
func TestTeam_AdminsAreBelowOwners(t *testing.T) {
	each(t, func(site *Site) {
		admin := site.person(store.Admin)
		dev := site.person(store.Developer)
		owner, err := site.DB.Credentials(t.Context(), "owner@example.com")
		if err != nil {
			t.Fatal(err)
		}
		b := site.Enter(admin)
		b.Get("/dashboard/team/" + owner.UserID).Want("Only an owner").WantNot("/remove")
		b.Get("/dashboard/team").WantNot(`value="owner"`)
		for path, fields := range map[string]url.Values{
			"/dashboard/team/" + owner.UserID + "/remove": {"form": {"1"}}, "/dashboard/team/" + owner.UserID + "/role": {"form": {"2"}, "role": {"viewer"}},
			"/dashboard/team/" + dev + "/role": {"form": {"3"}, "role": {"owner"}}, "/dashboard/team/invitations": {"form": {"4"}, "role": {"owner"}, "email": {"x@example.com"}},
		} {
			if refused := b.Post(path, fields).WantStatus(http.StatusUnprocessableEntity).Text(); !strings.Contains(refused, "Is not yours to give") && !strings.Contains(refused, "Only an owner may change") {
				t.Errorf("%s says %s", path, refused)
			}
		}
		if members, err := site.Workspace.Members(t.Context()); err != nil || len(members) != 3 || members[0].Role != store.Owner || members[2].Role == store.Owner {
			t.Errorf("%+v, %v", members, err)
		}
		b.Get("/dashboard/team/"+admin).Submit("/dashboard/team/"+admin+"/role", "role", "developer").WantStatus(http.StatusOK).Want("Test School", "The role is changed")
		b.Get("/dashboard/team/" + dev).WantStatus(http.StatusForbidden)
	})
}

// A person of another workspace is the same page as nobody.
func TestTeam_ForeignMemberIsTheSame404(t *testing.T) {
	each(t, func(site *Site) {
		_, err := site.DB.CreateWorkspace(t.Context(), store.NewWorkspace{Name: "Other", TimeZone: "UTC", Currency: "EUR", OwnerEmail: "f@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := site.DB.Credentials(t.Context(), "f@example.com")
		if err != nil {
			t.Fatal(err)
		}
		b := site.Owner()
		nobody := b.Get("/dashboard/team/usr_nobody").WantStatus(http.StatusNotFound)
		if there := b.Get("/dashboard/team/" + foreign.UserID).WantStatus(http.StatusNotFound); there.Body != nobody.Body {
			t.Errorf("they differ:\n%s\n%s", there.Body, nobody.Body)
		}
		for _, action := range []string{"/role", "/remove"} {
			b.Post("/dashboard/team/"+foreign.UserID+action, url.Values{"form": {action}, "role": {"viewer"}}).WantStatus(http.StatusNotFound)
		}
	})
}
