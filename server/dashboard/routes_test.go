package dashboard_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/thebigclass/api/server/dashboard"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// person is a member with this role; they know the password.
func (s *Site) person(role string) (userID string) {
	s.Helper()
	email := role + "@team.example"
	storetest.Tx(s.T, s.Workspace, func(tx *store.Tx) error {
		_, token, err := tx.Invite(s.Context(), store.NewInvitation{Email: email, Role: role, InvitedBy: "usr_1"})
		if err != nil {
			return err
		}
		hash, err := theHash()
		if err != nil {
			return err
		}
		userID, err = tx.AcceptInvitation(s.Context(), token, hash)
		return err
	})
	return userID
}

// Enter is a browser with a session of the person's, as if they had signed in a moment ago.
func (s *Site) Enter(userID string) *Browser {
	s.Helper()
	_, token, err := s.DB.StartSession(s.Context(), store.NewSession{UserID: userID, WorkspaceID: s.Workspace.ID()})
	if err != nil {
		s.Fatal(err)
	}
	address, err := url.Parse(s.URL)
	if err != nil {
		s.Fatal(err)
	}
	b := s.NewBrowser()
	b.client.Jar.SetCookies(address, []*http.Cookie{{Name: "tbc_session", Value: token, Path: "/"}})
	return b
}

var pathValue = regexp.MustCompile(`\{[^}]*\}`)

// call opens a route or sends its form, empty, with ids that are nobody's.
func (b *Browser) call(r dashboard.RouteFact) *Page {
	b.Helper()
	path := strings.ReplaceAll(r.Path, "/{$}", "/")
	path = pathValue.ReplaceAllString(path, "nobodys")
	if r.Method == http.MethodPost {
		return b.Post(path, url.Values{"form": {"none"}})
	}
	return b.Get(path)
}

const roleForbids = "Your role does not allow this"

// What has no button cannot be done by URL either: every route, asked for by every role and by nobody, is open to those
// whom its permission names and to no one else.
func TestRoutes_EveryRoleMayWhatItsPermissionNames(t *testing.T) {
	each(t, func(site *Site) {
		allowed, refused := 0, 0
		for _, role := range store.Roles {
			userID := site.person(role)
			for _, r := range dashboard.Routes() {
				page := site.Enter(userID).call(r)
				forbidden := page.Status == http.StatusForbidden && strings.Contains(page.Body, roleForbids)
				if forbidden == (r.Anyone || r.May(role)) || page.Status >= 500 {
					t.Errorf("%s %s as %s: status %d", r.Method, r.Path, role, page.Status)
				}
				if forbidden {
					refused++
				} else {
					allowed++
				}
			}
		}
		if routes := len(dashboard.Routes()); allowed+refused != routes*len(store.Roles) || refused == 0 {
			t.Errorf("%d allowed and %d refused of %d routes", allowed, refused, routes)
		}
		for _, r := range dashboard.Routes() {
			page := site.NewBrowser().call(r)
			if asked := strings.Contains(page.Text(), "Sign in"); !r.Anyone && !asked || page.Status >= 500 {
				t.Errorf("%s %s signed out: status %d\n%s", r.Method, r.Path, page.Status, page.Text())
			}
		}
	})
}

// The table itself: a viewer changes nothing but what is their own, and only owners and admins manage people.
func TestRoutes_ViewersChangeNothing(t *testing.T) {
	t.Parallel()
	for _, r := range dashboard.Routes() {
		if r.Anyone {
			if r.Method == http.MethodPost && !regexp.MustCompile(`^/dashboard/(sign-in|sign-out|forgot|reset|invitations)$`).MatchString(r.Path) {
				t.Errorf("%s is open to anyone", r.Path)
			}
			continue
		}
		if r.Method == http.MethodPost && r.May(store.Viewer) && !strings.HasPrefix(r.Path, "/dashboard/account/") && r.Path != "/dashboard/developer/webhooks/debugger" {
			t.Errorf("a viewer may post to %s", r.Path)
		}
		if strings.HasPrefix(r.Path, "/dashboard/team/") && (r.May(store.Developer) || r.May(store.Viewer) || !r.May(store.Admin) || !r.May(store.Owner)) {
			t.Errorf("%s is for owners and admins", r.Path)
		}
		if r.May("") || r.May("god") {
			t.Errorf("%s is open to somebody without a role", r.Path)
		}
	}
}
