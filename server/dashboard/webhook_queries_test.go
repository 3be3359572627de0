package dashboard_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks/delivery"
)

// However many endpoints and deliveries there are, a page of webhooks runs at most five queries, the session's included.
func TestHooks_PagesRunAtMostFiveQueries(t *testing.T) {
	t.Parallel()
	t.Run(store.PostgreSQL, func(t *testing.T) {
		t.Parallel()
		db := storetest.Postgres(t)
		tapped, tap := db.Tap(t)
		api := server.New(server.Config{}, server.Parts{
			Store: tapped, Now: db.Clock.Now, Build: "test", Log: slog.New(slog.DiscardHandler),
			Destinations: delivery.Guard{AllowHTTP: true, AllowCIDRs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		})
		listening := httptest.NewServer(api.Handler())
		t.Cleanup(listening.Close)
		site := &Site{T: t, DB: db, URL: listening.URL, Workspace: db.NewWorkspace(t), Log: &logBuffer{}}
		site.letIn("owner@example.com")
		var endpoint store.Endpoint
		for i := range store.MaxEndpoints {
			endpoint = site.endpoint(fmt.Sprintf("Endpoint %d", i))
		}
		for range 3 {
			site.emit()
			site.finish(404, 0)
		}
		site.emit()
		id := site.finish(500, time.Minute)[0]
		b := site.Owner()
		for path, most := range map[string]int64{
			"": 4, "?range=days": 4, "/new": 1, "/" + endpoint.ID: 4, "/" + endpoint.ID + "/edit": 2, "/" + endpoint.ID + "/delete": 2,
			"/" + endpoint.ID + "/secret": 6, // of which two begin and end a transaction
			"/deliveries":                 3, "/deliveries?status=failed": 3, "/deliveries?status=pending": 3, "/deliveries?status=failed&endpoint=" + endpoint.ID: 4,
			"/deliveries?status=succeeded": 4, "/deliveries/" + id: 4, "/debugger": 1, "/debugger?delivery=" + id: 3,
		} {
			fewest := int64(1000)
			for range 3 { // a call that opens a connection pays for it, so the cheapest counts
				before := tap.Executed()
				b.Get(hooks + path).WantStatus(http.StatusOK)
				fewest = min(fewest, tap.Executed()-before)
			}
			if fewest > most {
				t.Errorf("GET %s runs %d statements, want at most %d", path, fewest, most)
			}
		}
	})
}
