package dashboard_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/thebigclass/api/server/dashboard"
	"github.com/thebigclass/api/server/password"
)

// What a browser or a proxy asks ahead with HEAD does not use a secret up, of a key or of an endpoint.
func TestSecrets_HeadUsesNoneUp(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		endpoint := b.Get("/dashboard/developer/webhooks/new").Submit("/dashboard/developer/webhooks/new", "url", "https://example.com/hook", "events", "*")
		for _, made := range []*Page{b.makeKey(), endpoint} {
			at := made.WantStatus(http.StatusSeeOther).Header.Get("Location")
			r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, site.URL+at, nil)
			if err != nil {
				t.Fatal(err)
			}
			b.Send(r).WantStatus(http.StatusOK)
			if b.Get(at).secretOf() == "" {
				t.Errorf("%s shows no secret", at)
			}
		}
	})
}

// Who finds the waiting room of passwords full is told to come again, and that nothing broke.
func TestErrorPage_BusyIsNoFault(t *testing.T) {
	t.Parallel()
	if status := dashboard.StatusOf(fmt.Errorf("sign in: %w", password.ErrBusy)); status != http.StatusServiceUnavailable {
		t.Errorf("status %d", status)
	}
}
