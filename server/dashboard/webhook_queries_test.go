package dashboard_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// However many endpoints and deliveries there are, a page of webhooks runs at most five queries, the session's included.
func TestHooks_PagesRunAtMostFiveQueries(t *testing.T) {
	t.Parallel()
	t.Run(store.PostgreSQL, func(t *testing.T) {
		t.Parallel()
		site := newSite(t, storetest.Postgres(t))
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
		tapped, tap := site.DB.Tap(t)
		site.serve(tapped, server.Config{})
		b := site.Owner()
		b.wantStatements(tap, map[string]int64{
			hooks: 4, hooks + "?range=days": 4, hooks + "/new": 1, hooks + "/debugger": 1, hooks + "/debugger?delivery=" + id: 3,
			hooks + "/" + endpoint.ID: 4, hooks + "/" + endpoint.ID + "/edit": 2, hooks + "/" + endpoint.ID + "/delete": 2,
			hooks + "/" + endpoint.ID + "/secret": 6, // of which two begin and end a transaction
			hooks + "/deliveries":                 3, hooks + "/deliveries?status=failed": 3, hooks + "/deliveries?status=pending": 3,
			hooks + "/deliveries?status=failed&endpoint=" + endpoint.ID: 4, hooks + "/deliveries?status=succeeded": 4,
			hooks + "/deliveries/" + id: 4,
		})
	})
}
