package dashboard_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// A query in a loop goes unnoticed until there is data: a page takes at most five statements, the session's among them,
// however much it shows.
func TestKeyPages_TakeAtMostFiveQueries(t *testing.T) {
	t.Parallel()
	t.Run(store.PostgreSQL, func(t *testing.T) {
		t.Parallel()
		site := newSite(t, storetest.Postgres(t))
		var page string
		for range 25 {
			_, key, _ := site.key(store.NewKey{})
			storetest.Tx(t, site.Workspace, func(tx *store.Tx) error { return tx.RevokeKey(t.Context(), key.ID, "usr_1") })
			page, key, _ = site.key(store.NewKey{})
			site.record(key.ID, 60, 200, func(i int) time.Time { return site.DB.Clock.Now().Add(time.Duration(i) * time.Millisecond) })
		}
		tapped, tap := site.DB.Tap(t)
		site.serve(tapped, server.Config{})
		b := site.Owner()
		b.wantStatements(tap, map[string]int64{
			page + "/secret":       6, // of which two begin and end a transaction
			"/dashboard/developer": 5, page: 5, page + "/revoke": 4, page + "/replace": 4, newKeyPath: 1,
			"/dashboard/developer/requests?id=recorded-200-1": 2,
		})
	})
}

// wantStatements opens each page and fails the test if one takes more statements than it may.
func (b *Browser) wantStatements(tap *storetest.Wiretap, most map[string]int64) {
	b.Helper()
	for path, most := range most {
		fewest := int64(1000)
		for range 3 { // a page that opens a connection pays for it, so the cheapest counts
			before := tap.Executed()
			b.Get(path).WantStatus(http.StatusOK)
			fewest = min(fewest, tap.Executed()-before)
		}
		if fewest > most {
			b.Errorf("%s takes %d statements, want at most %d", path, fewest, most)
		}
		b.Logf("%d statements: %s", fewest, path)
	}
}
