package browsertest

import (
	"fmt"
	"strings"
	"testing"

	permissions "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/thebigclass/api/server/processtest"
)

// The way of somebody who has never seen the dashboard, from the login that the first start prints: to a key, to the
// first call; to an endpoint, to why a delivery failed, to its success. The two servers take turns, since there is one
// clipboard.
func TestWalk_FromTheFirstStartToADeliveryThatWasMended(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { walk(newSchool(t, processtest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) {
		walk(newSchool(t, processtest.Postgres(t)))
	})
}

func walk(s *school) {
	p := s.open()
	screens := newAlbum(p)
	p.visit("/dashboard/developer")
	p.fill("E-mail", s.email)
	p.fill("Password", s.password)
	screens.add(p, "01-sign-in")
	p.follow("Sign in")
	p.wantText("API keys")
	screens.add(p, "02-keys")
	key := s.walkToAKey(p, screens)
	s.walkToACall(p, screens, key)
	hook := s.walkToAnEndpoint(p, screens)
	s.walkToAFailure(p, screens, key)
	hook.stop()
	s.walkToSuccess(p, screens, hook)
	p.wantNoStrangers()
}

// walkToAKey makes a key and copies it with the button.
func (s *school) walkToAKey(p *page, screens album) (key string) {
	s.Helper()
	p.follow("New API key")
	p.fill("Name", "CRM sync")
	p.tick("read:courses")
	p.tick("write:students")
	screens.add(p, "03-new-key")
	p.follow("Generate")
	p.allowClipboard()
	p.click(selected("button[data-copy=secret]"))
	p.live("Copied")
	screens.add(p, "04-secret")
	key = run(p, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise))
	if !strings.HasPrefix(key, "tbc_") || key != of[string](p, selected("#secret"), "e.textContent") {
		s.Fatalf("copied %q", key)
	}
	return key
}

// walkToACall makes a call with the key, and sees it arrive without reloading anything.
func (s *school) walkToACall(p *page, screens album, key string) {
	s.Helper()
	p.follow("I have copied it: see the first call arrive")
	p.wantText("No calls yet")
	if status, answer := s.call("GET", "/api/v1/courses", key, ""); status != 200 {
		s.Fatalf("the call is answered with %d %s", status, answer)
	}
	p.live("GET /api/v1/courses")
	p.reload() // the charts of the same page do not come by themselves
	p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("requests").scrollIntoView()`))
	screens.add(p, "05-first-call")
}

// walkToAnEndpoint makes an endpoint for a receiver that has another secret.
func (s *school) walkToAnEndpoint(p *page, screens album) hook {
	s.Helper()
	at, stop := startReceiver(s.T, "127.0.0.1:0", "whsec_of_another_endpoint")
	p.follow("Webhooks")
	screens.add(p, "06-webhooks")
	p.follow("Add endpoint")
	p.fill("URL", "http://"+at+"/hooks/tbc")
	p.fill("Label", "CRM")
	p.tick("student.created")
	screens.add(p, "07-new-endpoint")
	p.follow("Add endpoint")
	p.wantText("only time that it is shown")
	screens.add(p, "08-endpoint-secret")
	secret := of[string](p, selected("#secret"), "e.textContent")
	p.follow("To the endpoint")
	return hook{at, secret, stop}
}

// hook is an endpoint and the receiver behind it.
type hook struct {
	at, secret string
	stop       func()
}

// walkToAFailure makes an event, whose delivery the receiver refuses, and reads why.
func (s *school) walkToAFailure(p *page, screens album, key string) {
	s.Helper()
	if status, answer := s.call("POST", "/api/v1/students", key, `{"email":"asha@example.com","displayName":"Asha Nair"}`); status != 201 {
		s.Fatalf("making a student is answered with %d %s", status, answer)
	}
	p.until("Failed")
	p.follow("student.created")
	p.wantText("answered 401", "Send again")
	screens.add(p, "09-failed-delivery")
}

// walkToSuccess gives the receiver the right secret and sends the delivery again.
func (s *school) walkToSuccess(p *page, screens album, made hook) {
	s.Helper()
	startReceiver(s.T, made.at, made.secret)
	p.follow("Send again")
	p.until("Attempt 2: answered 204")
	p.wantText("Delivered: answered 204", "Attempt 1: answered 401")
	screens.add(p, "10-sent-again")
}

// live waits for a text that the page shows by itself.
func (p *page) live(text string) {
	p.Helper()
	p.do(chromedp.Poll[chromedp.Void](fmt.Sprintf(`document.body.innerText.includes(%s)`, quoted(text)), chromedp.WithPollingTimeout(patience)))
}

// allowClipboard is the permission that a person gives by using the page: the tab has the focus.
func (p *page) allowClipboard() {
	p.Helper()
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		if _, err := chromedp.CallBrowser(p.tab, permissions.SetPermission, permissions.SetPermissionParams{
			Permission: &permissions.PermissionDescriptor{Name: name}, Setting: permissions.PermissionSettingGranted,
			Origin: p.origin, BrowserContextID: chromedp.FromContext(p.tab).BrowserContextID,
		}); err != nil {
			p.Fatal(err)
		}
	}
}
