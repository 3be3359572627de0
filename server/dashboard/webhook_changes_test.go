package dashboard_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

const storedScript = `<script>alert("stored")</script>`

// emit commits an event of the workspace.
func (s *Site) emit() {
	s.Helper()
	storetest.Tx(s.T, s.Workspace, func(tx *store.Tx) error {
		student, _, err := tx.CreateStudent(s.Context(), store.NewStudent{Email: "kim" + tx.Now().Format("150405.000000") + "@example.com", DisplayName: storedScript})
		if err != nil {
			return err
		}
		return tx.Emit(s.Context(), payload.StudentCreated(student))
	})
}

// finish lets all that is due end with the status, and a storedScript in the answer.
func (s *Site) finish(status int, retry time.Duration) (ids []string) {
	s.Helper()
	claims, err := s.DB.ClaimDeliveries(s.Context(), 100)
	if err != nil {
		s.Fatal(err)
	}
	var outcomes []store.Outcome
	for _, claim := range claims {
		body, words := storedScript, "answered "+http.StatusText(status)
		outcome := store.Outcome{Claim: claim, Succeeded: status < 300, DisableAfter: 7 * 24 * time.Hour, Attempt: store.Attempt{
			At: s.DB.Clock.Now(), StatusCode: &status, Duration: 123 * time.Millisecond, ResponseBody: &body,
			RequestHeaders: map[string]string{"X-TBC-Event": claim.EventType, "X-TBC-Signature": "t=1,v1=…"},
		}}
		if !outcome.Succeeded {
			outcome.Attempt.Error = &words
		}
		if retry > 0 {
			outcome.RetryIn = &retry
		}
		outcomes, ids = append(outcomes, outcome), append(ids, claim.DeliveryID)
	}
	if _, err := s.DB.CompleteDeliveries(s.Context(), outcomes); err != nil {
		s.Fatal(err)
	}
	return ids
}

// endpoint makes one without a browser.
func (s *Site) endpoint(label string) store.Endpoint {
	s.Helper()
	var made store.Endpoint
	storetest.Tx(s.T, s.Workspace, func(tx *store.Tx) (err error) {
		made, _, err = tx.CreateEndpoint(s.Context(), store.NewEndpoint{URL: "https://example.com/hook", Label: label, Events: []string{"*"}})
		return err
	})
	return made
}

// Replacing shows the new secret once and says until when the old one signs; ending that is one more click.
func TestRotateSecret_ShowsTheOverlap(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		id, first := b.newHook()
		at := hooks + "/" + id
		shown := b.Get(at).Submit(at+"/rotate", "overlap", "3600").WantStatus(http.StatusOK).Want("the old secret signs, too")
		if second := shown.secret(); second == "" || second == first {
			t.Errorf("revealed %q after %q", second, first)
		}
		b.Get(at + "/secret").WantNot(shown.secret())
		page := b.Get(at).Want("Two secrets sign", "2 Mar 2026, 12:00 CET")
		page.Submit(at+"/revoke-old").Want("signs no more", "One secret signs")
		page.Submit(at + "/revoke-old").Want("One secret signs") // the same form once more
		for _, overlap := range []string{"", "soon", "-1", "604801"} {
			refused := b.Get(at).Submit(at+"/rotate", "overlap", overlap).WantStatus(http.StatusUnprocessableEntity)
			if !strings.Contains(refused.Body, `aria-describedby="overlap-fault"`) {
				t.Errorf("overlap %q: %s", overlap, refused.Text())
			}
		}
		if got := site.hooksAudited(); !slices.Equal(got, []string{"webhook_endpoint.created", "webhook_endpoint.secret_rotated", "webhook_endpoint.old_secret_revoked"}) {
			t.Errorf("audited %q", got)
		}
	})
}

// Every button of an endpoint does what it says, once, and leaves its line in the audit log.
func TestHook_Buttons(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		id, _ := b.newHook()
		at := hooks + "/" + id
		tested := b.Get(at).Submit(at+"/test").WantStatus(http.StatusOK).Want("webhook.test", "On its way")
		if !strings.HasPrefix(tested.Path, hooks+"/deliveries/evd_") {
			t.Errorf("the test led to %s", tested.Path)
		}
		b.Get(at+"/edit").Submit(at+"/edit", "url", "https://example.org/new", "label", "Renamed", "events", "order.paid").Want("Renamed", "https://example.org/new")
		b.Get(at + "/edit").Submit(at + "/edit").Want("Renamed") // nothing was changed
		disabled := b.Get(at).Submit(at + "/disable").Want("Disabled by hand")
		disabled.Submit(at + "/enable").Want("is enabled")
		b.Get(at).Submit(at+"/recover").Want("is being sent", "Waiting")
		b.Get(at).Submit(at + "/recover").WantStatus(http.StatusUnprocessableEntity).Want("is not finished")
		b.Get(at+"/delete").Want("cannot be taken back").Submit(at+"/delete").Want("The endpoint is deleted", "No endpoints yet")
		b.Get(at).WantStatus(http.StatusNotFound)
		want := []string{"created", "tested", "changed", "disabled", "enabled", "deleted"}
		for i := range want {
			want[i] = "webhook_endpoint." + want[i]
		}
		want = slices.Insert(want, 5, "webhook_recovery.started")
		if got := site.hooksAudited(); !slices.Equal(got, want) {
			t.Errorf("audited %q, want %q", got, want)
		}
	})
}

// What cannot be done is said on the page, and nothing is done.
func TestHook_RefusalsAreSaidOnThePage(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		id, _ := b.newHook()
		at := hooks + "/" + id
		page := b.Get(at)
		for since, want := range map[string]string{"": "Enter a date", "tomorrow": "Enter a date", "2099-01-01T00:00": "must not be in the future", "2020-01-01": "at most 30 days ago"} {
			refused := page.Submit(at+"/recover", "since", since).WantStatus(http.StatusUnprocessableEntity)
			if !strings.Contains(strings.ToLower(refused.Text()), strings.ToLower(want)) || !strings.Contains(refused.Body, `aria-invalid="true"`) {
				t.Errorf("since %q: %s", since, refused.Text())
			}
		}
		page.Submit(at + "/disable").WantStatus(http.StatusOK)
		page.Submit(at + "/test").WantStatus(http.StatusUnprocessableEntity).Want("The endpoint is disabled: enable it first") // another form of the same page
		b.Post(at+"/test", url.Values{}).WantStatus(http.StatusUnprocessableEntity).Want("open the page again")
	})
}

// Health is in words: since when it fails, and when that ends it.
func TestHook_SaysWhenItWillBeDisabled(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		endpoint := site.endpoint("Books")
		at := hooks + "/" + endpoint.ID
		site.emit()
		site.finish(500, time.Minute)
		for _, path := range []string{hooks, at} {
			b.Get(path).Want("Failing", "Every attempt since 2 Mar 2026, 11:00 CET has failed, tests left out. One that fails after 9 Mar 2026, 11:00 CET disables it.")
		}
		for range 7 {
			site.DB.Clock.Advance(24 * time.Hour)
			site.emit()
			site.finish(500, 0)
		}
		site.DB.Clock.Advance(24 * time.Hour)
		site.emit()
		site.finish(500, 0)
		site.SignIn("owner@example.com").Get(at).Want("Disabled by us", "It failed for 7 days and was disabled")
		if got := site.hooksAudited(); !slices.Equal(got, []string{"webhook_endpoint.disabled"}) {
			t.Errorf("audited %q", got)
		}
	})
}

// A viewer sees the pages without their buttons, and cannot do by URL what has no button.
func TestHooks_ViewerIsRefusedByURL(t *testing.T) {
	each(t, func(site *Site) {
		endpoint := site.endpoint("Books")
		site.emit()
		delivery := site.finish(404, 0)[0]
		b := site.Owner()
		at := hooks + "/" + endpoint.ID
		form := b.Get(at).Filled(at + "/test")
		site.DB.Exec(site.T, `UPDATE workspace_members SET role = 'viewer'`)
		for _, path := range []string{hooks, at, hooks + "/deliveries", hooks + "/deliveries/" + delivery, hooks + "/debugger"} {
			page := b.Get(path).WantStatus(http.StatusOK)
			for form := range elements(page.doc, "form") {
				if action := attribute(form, "action"); action != "/dashboard/sign-out" && action != hooks+"/debugger" && action != hooks+"/deliveries" {
					t.Errorf("%s offers %s", path, action)
				}
			}
		}
		for _, path := range []string{hooks + "/new", at + "/edit", at + "/delete", at + "/secret"} {
			b.Get(path).WantStatus(http.StatusForbidden)
		}
		for _, action := range []string{"/new", "/" + endpoint.ID + "/edit", "/" + endpoint.ID + "/rotate", "/" + endpoint.ID + "/revoke-old",
			"/" + endpoint.ID + "/test", "/" + endpoint.ID + "/disable", "/" + endpoint.ID + "/enable", "/" + endpoint.ID + "/delete",
			"/" + endpoint.ID + "/recover", "/deliveries/" + delivery + "/send"} {
			b.Post(hooks+action, form).WantStatus(http.StatusForbidden)
		}
		if got := site.hooksAudited(); len(got) != 0 {
			t.Errorf("audited %q", got)
		}
	})
}

// What is of another workspace looks like what does not exist, in every address.
func TestHooks_ForeignAndUnknownIdsAreTheSame404(t *testing.T) {
	each(t, func(site *Site) {
		mine := site.Workspace
		other, err := site.DB.CreateWorkspace(site.Context(), store.NewWorkspace{Name: "Other", TimeZone: "Asia/Kolkata", Currency: "INR", OwnerEmail: "other@example.com"})
		if err != nil {
			site.Fatal(err)
		}
		site.Workspace = site.DB.Workspace(other.ID)
		foreign := site.endpoint("Theirs")
		site.emit()
		delivery := site.finish(404, 0)[0]
		site.Workspace = mine
		own := site.endpoint("Books")
		b := site.Owner()
		form := b.Get(hooks + "/" + own.ID).Filled(hooks + "/" + own.ID + "/test")
		form.Set("url", "https://example.com/x")
		form.Set("events", "*")
		form.Set("overlap", "3600")
		form.Set("since", "2026-03-01T10:00")
		same := ""
		check := func(page *Page) {
			t.Helper()
			page.WantStatus(http.StatusNotFound)
			if same == "" {
				same = page.Body
			}
			if page.Body != same {
				t.Errorf("%s differs:\n%s", page.Path, page.Body)
			}
		}
		for _, id := range []string{foreign.ID, "whe_x", "%00", "%ff", strings.Repeat("x", 300)} {
			for _, page := range []string{"", "/edit", "/delete", "/secret", "/nothing"} {
				check(b.Get(hooks + "/" + id + page))
			}
			for _, action := range []string{"edit", "rotate", "revoke-old", "test", "disable", "enable", "delete", "recover"} {
				check(b.Post(hooks+"/"+id+"/"+action, form))
			}
		}
		for _, id := range []string{delivery, "evd_x", "%00", "%ff"} {
			check(b.Get(hooks + "/deliveries/" + id))
			check(b.Post(hooks+"/deliveries/"+id+"/send", form))
			if !strings.HasPrefix(id, "%") { // what is no text is refused before anybody looks for it
				check(b.Get(hooks + "/debugger?delivery=" + id))
			}
		}
	})
}
