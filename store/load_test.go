package store_test

import (
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func TestLoad_CountsAreThoseOfThePlanAndOfTheRows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		var done, total int64
		ids, err := db.SeedLoad(t.Context(), store.LoadPlan{Workspaces: 2, Students: 41, Courses: 7, Orders: 1500},
			func(d, of int64) { done, total = d, of })
		if err != nil || len(ids) != 2 || done != total || done < 41+7+1500 {
			t.Fatalf("%d workspaces, %d of %d rows, %v", len(ids), done, total, err)
		}
		orders, busy := int64(0), 0
		for _, id := range ids {
			wantRebuildChangesNothing(t, db, db.Workspace(id))
			got, err := db.Workspace(id).Analytics(t.Context(), store.AnalyticsWindow{Window: "all"})
			if err != nil {
				t.Fatal(err)
			}
			orders += got.Revenue.OrderCount
			for _, day := range got.Revenue.Daily {
				if day.OrderCount > 0 {
					busy++
				}
			}
		}
		if orders != 1500 || busy != 2*365 {
			t.Errorf("%d orders on %d days, want 1,500 on every one of 730", orders, busy)
		}
	})
}
