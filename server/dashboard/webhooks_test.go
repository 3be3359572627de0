package dashboard_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

const hooks = "/dashboard/developer/webhooks"

// newHook makes an endpoint by its form and returns its id and its secret.
func (b *Browser) newHook(fields ...string) (id, secret string) {
	b.Helper()
	for name, value := range map[string]string{"url": "https://example.com/hook", "events": "*"} {
		if !slices.Contains(fields, name) {
			fields = append(fields, name, value)
		}
	}
	shown := b.Get(hooks+"/new").Submit(hooks+"/new", fields...).WantStatus(http.StatusOK)
	id = strings.TrimSuffix(strings.TrimPrefix(shown.Path, hooks+"/"), "/secret?done=endpoint-created")
	secret = shown.secret()
	if !strings.HasPrefix(id, "whe_") || !strings.HasPrefix(secret, "whsec_") {
		b.Fatalf("led to %s with %q", shown.Path, secret)
	}
	return id, secret
}

// secret is what the page reveals.
func (p *Page) secret() string {
	for code := range elements(p.doc, "code") {
		if attribute(code, "id") == "secret" {
			return strings.TrimSpace(text(code))
		}
	}
	return ""
}

// hooksAudited are the actions about webhooks in the log, oldest first.
func (s *Site) hooksAudited() (actions []string) {
	s.Helper()
	page, err := s.Workspace.AuditLog(s.Context(), store.AuditQuery{ListOptions: store.ListOptions{Limit: 100}})
	if err != nil {
		s.Fatal(err)
	}
	for _, line := range page.Items {
		if strings.HasPrefix(line.Action, "webhook") {
			actions = append(actions, line.Action)
		}
	}
	slices.Reverse(actions)
	return actions
}

func (s *Site) endpoints() []store.Endpoint {
	s.Helper()
	page, err := s.Workspace.Endpoints(s.Context(), store.ListOptions{Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	return page.Items
}

// The secret is there once: a reload, the endpoint's page, the log and the audit log do not have it.
func TestNewHook_ShowsItsSecretOnce(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		id, secret := b.newHook("label", "Books", "events", "order.paid", "events", "order.refunded")
		for _, path := range []string{"/" + id + "/secret?done=endpoint-created", "/" + id, "", "/" + id + "/edit", "/deliveries"} {
			b.Get(hooks + path).WantStatus(http.StatusOK).WantNot(secret)
		}
		b.Get(hooks + "/" + id + "/secret").Want("not shown again")
		b.Get(hooks+"/"+id).Want("Books", "order.paid , order.refunded", "https://example.com/hook", "No event was sent to it yet")
		if strings.Contains(site.Log.String(), secret) || strings.Contains(site.Log.String(), secret[6:]) {
			t.Error("the secret is in the log")
		}
		if got := site.hooksAudited(); !slices.Equal(got, []string{"webhook_endpoint.created"}) {
			t.Errorf("audited %q", got)
		}
	})
}

// Two clicks on one form make one endpoint and lead to the same page.
func TestNewHook_SubmittedTwiceMakesOne(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		form := b.Get(hooks+"/new").Filled(hooks+"/new", "url", "https://example.com/hook", "events", "*")
		first, second := b.Post(hooks+"/new", form).WantStatus(http.StatusOK), b.Post(hooks+"/new", form).WantStatus(http.StatusOK)
		if first.Path != second.Path || first.secret() == "" || second.secret() != "" {
			t.Errorf("led to %s and %s, with %q and %q", first.Path, second.Path, first.secret(), second.secret())
		}
		if n := len(site.endpoints()); n != 1 {
			t.Errorf("%d endpoints were made", n)
		}
	})
}

// What the API refuses the form refuses, at the field, and what was typed stays.
func TestNewHook_RefusesAtTheField(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		for name, c := range map[string]struct {
			fields []string
			want   string
		}{
			"no address":       {[]string{"url", "", "events", "*"}, "Must"},
			"private address":  {[]string{"url", "https://10.0.0.1/x", "events", "*"}, "private or special"},
			"no scheme":        {[]string{"url", "example.com/hook", "events", "*"}, "Must be an absolute address"},
			"credentials":      {[]string{"url", "https://me:pw@example.com", "events", "*"}, "must not hold a user or password"},
			"no event":         {[]string{"url", "https://example.com/x"}, "Must have at least 1 item"},
			"unknown event":    {[]string{"url", "https://example.com/x", "events", "order.lost"}, "Must be one of"},
			"the test's event": {[]string{"url", "https://example.com/x", "events", "webhook.test"}, "Must be one of"},
			"a label too long": {[]string{"url", "https://example.com/x", "events", "*", "label", strings.Repeat("x", 201)}, "Must"},
		} {
			if !slices.Contains(c.fields, "label") {
				c.fields = append(c.fields, "label", "My label")
			}
			page := b.Get(hooks+"/new").Submit(hooks+"/new", c.fields...).WantStatus(http.StatusUnprocessableEntity)
			if !strings.Contains(page.Text(), c.want) || !strings.Contains(page.Body, `aria-invalid="true"`) {
				t.Errorf("%s: no %q at a field in %s", name, c.want, page.Text())
			}
			if kept := page.Filled(hooks + "/new"); kept.Get("url") != c.fields[1] || kept.Get("label") == "" {
				t.Errorf("%s: kept %v", name, kept)
			}
		}
		if len(site.endpoints()) != 0 {
			t.Error("an endpoint was made")
		}
		for range store.MaxEndpoints {
			storetest.Tx(t, site.Workspace, func(tx *store.Tx) error {
				_, _, err := tx.CreateEndpoint(t.Context(), store.NewEndpoint{URL: "https://example.com", Events: []string{"*"}})
				return err
			})
		}
		b.Get(hooks+"/new").Submit(hooks+"/new", "url", "https://example.com/21", "events", "*").WantStatus(http.StatusUnprocessableEntity).Want("delete one first")
		if page := b.Get(hooks); page.Offers(hooks + "/new") {
			t.Error("a 21st is offered")
		}
	})
}

// All events of the contract can be chosen, and each shows what is sent.
func TestNewHook_OffersEveryEventWithASample(t *testing.T) {
	each(t, func(site *Site) {
		page := site.Owner().Get(hooks + "/new")
		for _, event := range gen.Events {
			if !event.Subscribable {
				continue
			}
			page.Want(event.Type, event.Summary, `"type": "`+event.Type+`"`)
		}
	})
}

// After ten minutes the password is asked for before an endpoint is made or its secret replaced; what was typed
// stays, and the form goes on with it.
func TestHookChanges_AskForThePasswordAgain(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page := b.Get(hooks + "/new")
		site.DB.Clock.Advance(11 * time.Minute)
		asked := page.Submit(hooks+"/new", "url", "https://example.com/typed", "label", "Typed", "events", "order.paid", "events", "order.refunded").WantStatus(http.StatusForbidden).Want("password")
		asked.Submit(hooks+"/new", "_password", "a wrong password").WantStatus(http.StatusForbidden)
		if len(site.endpoints()) != 0 {
			t.Fatal("made without the password")
		}
		made := asked.Submit(hooks+"/new", "_password", thePassword).WantStatus(http.StatusOK)
		if made.secret() == "" {
			t.Errorf("led to %s", made.Path)
		}
		if got := site.endpoints(); len(got) != 1 || got[0].Label != "Typed" || len(got[0].Events) != 2 {
			t.Errorf("made %+v", got)
		}
	})
}

// A session that has ended in mid-form loses nothing.
func TestNewHook_SignedOutInMidFormGoesOn(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		page := b.Get(hooks + "/new")
		b.client.Jar.SetCookies(mustParse(t, site.URL), []*http.Cookie{{Name: "tbc_session", Value: "", Path: "/", MaxAge: -1}})
		asked := page.Submit(hooks+"/new", "url", "https://example.com/typed", "events", "order.paid").WantStatus(http.StatusForbidden).Want("what you entered is kept")
		made := asked.Submit(hooks+"/new", "_email", "owner@example.com", "_password", thePassword).WantStatus(http.StatusOK)
		if made.secret() == "" || len(site.endpoints()) != 1 {
			t.Errorf("led to %s: %s", made.Path, made.Text())
		}
	})
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
