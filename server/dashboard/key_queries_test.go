package dashboard_test

import (
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
		for path, most := range map[string]int64{
			page + "/secret":       6, // of which two begin and end a transaction
			"/dashboard/developer": 5, page: 5, page + "/revoke": 4, page + "/replace": 4, newKeyPath: 1,
			"/dashboard/developer/requests?id=recorded-200-1": 2,
		} {
			fewest := int64(1000)
			for range 3 { // a page that opens a connection pays for it, so the cheapest counts
				before := tap.Executed()
				b.Get(path).WantStatus(200)
				fewest = min(fewest, tap.Executed()-before)
			}
			if fewest > most {
				t.Errorf("%s takes %d statements, want at most %d", path, fewest, most)
			}
			t.Logf("%d statements: %s", fewest, path)
		}
	})
}
