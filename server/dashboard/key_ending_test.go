package dashboard_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
)

// key makes a key without the dashboard and returns its page and its secret.
func (s *Site) key(in store.NewKey) (page string, key store.Key, secret string) {
	s.Helper()
	key, secret = s.DB.NewKey(s.T, s.Workspace, in)
	return "/dashboard/developer/keys/" + key.ID, key, secret
}

func (s *Site) flush() {
	s.Helper()
	if err := s.Requests.Flush(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// audited are the lines of the audit log about a target.
func (s *Site) audited(targetID string) (actions []string) {
	s.Helper()
	page, err := s.Workspace.AuditLog(s.Context(), store.AuditQuery{TargetID: targetID})
	if err != nil {
		s.Fatal(err)
	}
	for _, line := range page.Items {
		if line.Email != "owner@example.com" || line.Address != "127.0.0.1" {
			s.Errorf("audit line %+v", line)
		}
		actions = append(actions, line.Action)
	}
	return actions
}

// Before it is revoked one sees what depends on it; then its very next call is refused.
func TestRevoke_SaysWhatStopsAndStopsIt(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page, key, secret := site.key(store.NewKey{Name: "CRM sync", Note: "runs nightly"})
		b.Get(page+"/revoke").WantStatus(200).Want("Revoke CRM sync?", "never: nothing is known to depend on it")
		site.call("/api/v1/courses", secret)
		site.call("/api/v1/nowhere", secret)
		site.flush()
		asked := b.Get(page+"/revoke").Want("from 127.0.0.1", "Requests since 1 Mar 2026, 11:00 CET", "2: 1 succeeded, 0 unchanged, 1 rejected", "runs nightly", "write:students")
		done := asked.Submit(page+"/revoke").WantStatus(200).Want("The key is revoked", "revoked")
		if done.Offers(page+"/revoke") || done.Offers(page+"/replace") {
			site.Error("a revoked key can be revoked again")
		}
		if got, _ := site.call("/api/v1/courses", secret); got != 401 {
			site.Errorf("the next call answered %d", got)
		}
		asked.Submit(page + "/revoke").WantStatus(200)
		b.Get(page + "/revoke").WantStatus(200).Want("revoked")
		if got := site.audited(key.ID); !slices.Equal(got, []string{"key.revoked"}) {
			site.Errorf("audited %v", got)
		}
		list := b.Get("/dashboard/developer").Want("Revoked and expired", "No key is active").Text()
		if _, ended, _ := strings.Cut(list, "Revoked and expired"); !strings.Contains(ended, "write:students") ||
			!strings.Contains(ended, "from 127.0.0.1") || !strings.Contains(ended, "no expiry") || strings.Contains(ended, "never") {
			site.Errorf("the row of the revoked key is %s", ended)
		}
		if facts, _, _ := strings.Cut(b.Get(page).Text(), "Last 30 days"); !strings.Contains(facts, "from 127.0.0.1") {
			site.Errorf("above the charts: %s", facts)
		}
	})
}

// While the grace runs both keys work, and a second submit of the form makes no third.
func TestReplace_BothWorkWhileTheGraceRuns(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page, old, oldSecret := site.key(store.NewKey{Name: "CRM sync", Scopes: []string{"read:courses"}})
		form := b.Get(page + "/replace").WantStatus(200)
		made := form.Submit(page+"/replace", "grace", "1").WantStatus(200)
		secret := made.secretOf()
		again := form.Submit(page+"/replace", "grace", "1").WantStatus(200).Want("was shown already")
		if again.Path != made.Path || len(site.liveKeys()) != 2 {
			site.Errorf("the second submit led to %s, the first to %s; %d live keys", again.Path, made.Path, len(site.liveKeys()))
		}
		for _, s := range []string{oldSecret, secret} {
			if got, _ := site.call("/api/v1/courses", s); got != 200 {
				site.Errorf("in the grace a call answered %d", got)
			}
		}
		b.Get(page).Want("Replaced by its successor", "It goes on working until 2 Mar 2026, 12:00 CET")
		site.DB.Clock.Advance(time.Hour + time.Second)
		if got, _ := site.call("/api/v1/courses", oldSecret); got != 401 {
			site.Errorf("after the grace a call answered %d", got)
		}
		if got, _ := site.call("/api/v1/courses", secret); got != 200 {
			site.Errorf("the successor answered %d", got)
		}
		if got := site.audited(old.ID); !slices.Equal(got, []string{"key.replaced"}) {
			site.Errorf("audited %v", got)
		}
	})
}

func TestReplace_RefusesWhatTheStoreRefuses(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page, _, _ := site.key(store.NewKey{})
		form := b.Get(page + "/replace")
		for _, grace := range []string{"", "2", "-1", "soon", "1000"} {
			form.Submit(page+"/replace", "grace", grace).WantStatus(422).Want("Must be none, 1 hour, 24 hours or 7 days.")
		}
		b.Get(page + "/revoke").Submit(page + "/revoke")
		form.Submit(page+"/replace", "grace", "0").WantStatus(422).Want("This key has ended: make a new one instead.")
		if keys := site.liveKeys(); len(keys) != 0 {
			site.Errorf("%d live keys", len(keys))
		}
	})
}

// A key is reminded of after 90 days, with what to do about it.
func TestKeys_OldOnesAreToBeReplaced(t *testing.T) {
	each(t, func(site *Site) {
		page, _, _ := site.key(store.NewKey{Name: "CRM sync"})
		site.DB.Clock.Advance(90*24*time.Hour - time.Second)
		b := site.Owner()
		b.Get("/dashboard/developer").WantNot("days old")
		site.DB.Clock.Advance(2 * time.Second)
		if list := b.Get("/dashboard/developer").Want("90 days old"); !list.Offers(page + "/replace") {
			site.Error("the list does not say what to do")
		}
		b.Get(page).Want("should be replaced every 90 days")
	})
}

// A viewer sees no buttons, and what has no button cannot be done by its address either.
func TestKeys_AViewerOnlyLooks(t *testing.T) {
	each(t, func(site *Site) {
		page, _, secret := site.key(store.NewKey{Name: "CRM sync"})
		site.Join("viewer@example.com", store.Viewer)
		b := site.SignIn("viewer@example.com")
		for _, path := range []string{"/dashboard/developer", page} {
			shown := b.Get(path).WantStatus(200).Want("CRM sync")
			for _, offer := range []string{newKeyPath, page + "/revoke", page + "/replace"} {
				if shown.Offers(offer) {
					site.Errorf("%s offers %s", path, offer)
				}
			}
		}
		for _, path := range []string{newKeyPath, page + "/revoke", page + "/replace"} {
			b.Get(path).WantStatus(403)
			b.Post(path, url.Values{"form": {"0123456789abcdef"}, "name": {"n"}, "scope": {"read:courses"}, "grace": {"0"}}).WantStatus(403)
		}
		b.Get(page + "/secret").WantStatus(403)
		if got, _ := site.call("/api/v1/courses", secret); got != 200 || len(site.liveKeys()) != 1 {
			site.Errorf("a call answered %d, %d live keys", got, len(site.liveKeys()))
		}
	})
}

// A key of another workspace, one that never was, and what is no id at all are the same 404.
func TestKeys_OfAnotherWorkspaceAreNotThere(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		foreign, secret := site.DB.NewKey(site.T, site.DB.NewWorkspace(site.T), store.NewKey{Name: "their key"})
		site.call("/api/v1/courses", secret, "X-Request-Id", "their-request-id")
		site.flush()
		missing := b.Get("/dashboard/developer/keys/key_missing").WantStatus(404).Body
		for _, id := range []string{foreign.ID, "%00", "%ff", "' OR 1=1", strings.Repeat("x", 5000)} {
			page := "/dashboard/developer/keys/" + strings.ReplaceAll(id, " ", "%20")
			for _, more := range []string{"", "/secret", "/revoke", "/replace"} {
				if shown := b.Get(page + more).WantStatus(404); shown.Body != missing {
					site.Errorf("%.40s%s differs from a page that never was", page, more)
				}
			}
			for _, more := range []string{"/revoke", "/replace"} {
				b.Post(page+more, url.Values{"form": {"0123456789abcdef"}, "grace": {"0"}}).WantStatus(404)
			}
		}
		b.Get("/dashboard/developer/requests?id=their-request-id").WantStatus(200).Want("No request with this id").WantNot("their key")
		if got, _ := site.call("/api/v1/courses", secret); got != 200 {
			site.Errorf("their key answered %d", got)
		}
	})
}

// Making and replacing a key asks for the password again after ten minutes, also from somebody who was signed out
// meanwhile, and then goes on with what was entered. Revoking does not: it must be quick.
func TestKeys_ThePasswordIsAskedForInMidForm(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page, _, _ := site.key(store.NewKey{Name: "old one"})
		form, replace, revoke := b.Get(newKeyPath), b.Get(page+"/replace"), b.Get(page+"/revoke")
		site.DB.Clock.Advance(11 * time.Minute)
		asked := form.Submit(newKeyPath, "name", "typed", "note", "typed too", "scope", "read:orders", "scope", "read:courses", "expires", "30")
		asked.WantStatus(http.StatusForbidden).Want("Enter your password once more")
		asked.Submit(newKeyPath, "_password", "not the right sentence").WantStatus(403).
			Submit(newKeyPath, "_password", thePassword).WantStatus(200).Want("Copy the key now")
		made := site.liveKeys()[0]
		if made.Name != "typed" || made.Note != "typed too" || strings.Join(made.Scopes, " ") != "read:courses read:orders" || made.ExpiresAt == nil {
			site.Errorf("made %+v", made)
		}
		site.DB.Clock.Advance(11 * time.Minute)
		replace.Submit(page+"/replace", "grace", "24").WantStatus(403).Want("Enter your password once more")
		b.Get("/dashboard/developer").Submit("/dashboard/sign-out")
		replace.Submit(page+"/replace", "grace", "24").WantStatus(403).Want("Your session has ended").
			Submit(page+"/replace", "_email", "owner@example.com", "_password", thePassword).WantStatus(200).Want("Copy the key now")
		site.DB.Clock.Advance(11 * time.Minute)
		revoke.Submit(page + "/revoke").WantStatus(200).Want("The key is revoked")
	})
}
