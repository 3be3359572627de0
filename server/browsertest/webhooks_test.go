package browsertest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/thebigclass/api/server/processtest"
)

// login is what the server printed at its first start.
var login = regexp.MustCompile(`e-mail\s+(\S+)\s+password\s+(\S+)`)

// signIn goes to the page by way of the sign-in page.
func (p *page) signIn(server *processtest.Process, path string) {
	p.Helper()
	found := login.FindStringSubmatch(server.Printed())
	if found == nil {
		p.Fatalf("no login in %q", server.Printed())
	}
	p.visit(path)
	p.fill("E-mail", found[1])
	p.fill("Password", found[2])
	p.follow("Sign in")
	p.wantText("Sign out")
}

// until reloads the page until it says the text: what the engine does meanwhile takes a moment.
func (p *page) until(text string) {
	p.Helper()
	for range 300 {
		if strings.Contains(p.text(), text) {
			return
		}
		p.reload()
	}
	p.wantText(text)
}

// An endpoint is made, its first delivery fails, the page says why, the receiver is mended and the delivery sent again.
// Nobody is kept out on the way: axe finds nothing serious on any page, light, dark, wide and narrow.
func TestWebhooks_FailingDeliveryIsMendedAndSentAgain(t *testing.T) {
	t.Parallel()
	var status atomic.Int64
	status.Store(http.StatusServiceUnavailable)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		_, _ = w.Write([]byte(`<img src="https://stranger.example/x.png">`))
	}))
	t.Cleanup(receiver.Close)
	db := processtest.SQLite(t)
	db.Env = []string{"TBC_ENV=development"}
	server := db.Serve()
	p := open(t, server.URL)
	p.signIn(server, "/dashboard/developer/webhooks")
	p.wantText("No endpoints yet", "Nothing was sent in the last 24 hours")
	p.wantOpenToAll()
	p.follow("Add endpoint")
	p.fill("URL", receiver.URL+"/hook")
	p.fill("Label", "Accounts")
	p.tick("All events")
	p.wantOpenToAll()
	p.follow("Add endpoint")
	p.wantText("This is the only time that it is shown", "whsec_")
	p.wantOpenToAll()
	p.reload()
	p.wantText("not shown again")
	p.follow("To the endpoint")
	p.wantOpenToAll()
	p.follow("Send a test event")
	p.until("answered 503")
	p.wantText("is your program running", "Next attempt in", "stranger.example")
	p.wantOpenToAll()
	status.Store(http.StatusOK)
	p.follow("Send now")
	p.until("Delivered: answered 200")
	for _, path := range []string{"", "?range=days", "/deliveries?status=succeeded", "/debugger"} {
		p.visit("/dashboard/developer/webhooks" + path)
		p.wantOpenToAll()
	}
	p.fill("X-TBC-Signature", "t=1716102400, v1=8a92")
	p.fill("Body", "{}")
	p.fill("Secret", "whsec_x")
	p.follow("Check")
	p.wantText("A receiver refuses this")
	p.wantOpenToAll()
	p.wantNoStrangers()
	if said := p.complaints(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}
