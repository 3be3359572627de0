package server_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store/storetest"
)

// A query in a loop goes unnoticed until there is data: the number of
// statements of every operation is fixed, whatever it returns.
func TestOperations_NumberOfQueriesIsFixed(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		app := newApp(t, storetest.Postgres(t))
		course := app.Course()
		var student string
		for range 12 {
			student = app.Enrollment(course.ID).StudentID
			app.Order(app.Course().ID)
		}
		tapped, tap := app.DB.Tap(t)
		for path, most := range map[string]int64{
			"/me": 2, "/courses": 2, "/courses/" + course.ID: 4, "/students": 4, "/students/" + student: 4, "/orders": 4, "/analytics/summary": 8,
		} {
			fewest := int64(1000)
			for range 3 { // a call that opens a connection pays for it, so the cheapest counts
				// A fresh server knows no body yet.
				parts := app.parts(slog.New(slog.DiscardHandler))
				parts.Store = tapped
				api := server.New(server.Config{}, parts)
				listening := httptest.NewServer(api.Handler())
				t.Cleanup(listening.Close)
				app.URL = listening.URL
				before := tap.Executed()
				app.Get("/api/v1" + path).Want(200)
				fewest = min(fewest, tap.Executed()-before)
			}
			if fewest > most {
				t.Errorf("GET %s runs %d statements, want at most %d, admission included", path, fewest, most)
			}
		}
		tag := app.Get("/api/v1/students").Want(200).Header.Get("ETag")
		before := tap.Executed()
		app.Get("/api/v1/students", "If-None-Match", tag).Want(304)
		if n := tap.Executed() - before; n != 1 {
			t.Errorf("a 304 runs %d statements, want admission alone", n)
		}
	})
}
