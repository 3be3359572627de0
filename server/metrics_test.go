package server_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/store"
)

// metric is the value of a line of /metrics: a name with its labels, as it stands there.
func (app *App) metric(line string) float64 {
	app.Helper()
	value, shown := app.findMetric(line)
	if !shown {
		app.Fatalf("/metrics lacks %s", line)
	}
	return value
}

func (app *App) findMetric(line string) (value float64, shown bool) {
	app.Helper()
	for text := range strings.Lines(app.wantBeside("/metrics", 200)) {
		if rest, found := strings.CutPrefix(text, line+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				app.Fatal(err)
			}
			return value, true
		}
	}
	return 0, false
}

// wantMetrics compares lines of /metrics, a second after the last look.
func (app *App) wantMetrics(want map[string]float64) {
	app.Helper()
	app.DB.Clock.Advance(time.Second)
	for line, value := range want {
		if got := app.metric(line); got != value {
			app.Errorf("%s is %v, want %v", line, got, value)
		}
	}
}

func TestMetrics_CountRequestsRefusalsAndFaults(t *testing.T) {
	each(t, func(app *App) {
		broken := app.broken()
		broken.Get("/api/v1/courses").Want(200)
		broken.Get("/api/v1/courses/crs_1").Want(404)
		broken.Get("/api/v1/courses/crs_2").Want(404)
		broken.Get("/api/v1/nothing/here").Want(404)
		broken.Do("DELETE", "/api/v1/courses", "").Want(405)
		broken.Do("INVENTED", "/api/v1/courses", "").Want(405)
		broken.Get("/api/v1/panics").Want(500)
		broken.Get("/api/v1/fails").Want(500)
		broken.Get("/api/v1/courses", "Authorization", "-").Want(401)
		broken.wantMetrics(map[string]float64{
			`tbc_http_requests_total{method="GET",route="/api/v1/courses",status="200"}`:        1,
			`tbc_http_requests_total{method="GET",route="/api/v1/courses/:id",status="404"}`:    2,
			`tbc_http_requests_total{method="DELETE",route="/api/v1/courses",status="405"}`:     1,
			`tbc_http_requests_total{method="other",route="/api/v1/courses",status="405"}`:      1,
			`tbc_http_requests_total{method="GET",route="/api/v1/panics",status="500"}`:         1,
			`tbc_http_requests_total{method="GET",route="none",status="404"}`:                   1,
			`tbc_http_request_duration_seconds_count{method="GET",route="/api/v1/courses/:id"}`: 2,
			`tbc_internal_errors_total`:         2,
			`tbc_panics_total`:                  1,
			`tbc_authentication_failures_total`: 1,
			`tbc_event_streams_open`:            0,
			`tbc_database_up`:                   1,
			`tbc_clock_skew_seconds`:            0,
		})
	})
}

func TestMetrics_NameTheWindowThatRefused(t *testing.T) {
	each(t, func(app *App) {
		_, minute := app.LimitedKey(gen.ScopeReadCourses)
		_, day := app.DB.NewKey(app.T, app.Workspace, store.NewKey{Scopes: allScopes(), MinuteLimit: 10, DayLimit: 1})
		for range 61 {
			app.As(minute).Get("/api/v1/courses")
		}
		for range 2 {
			app.As(day).Get("/api/v1/courses")
		}
		for range 62 {
			app.Get("/api/v1/courses", "Authorization", "-")
		}
		app.wantMetrics(map[string]float64{
			`tbc_rate_limit_refusals_total{window="minute"}`:    1,
			`tbc_rate_limit_refusals_total{window="day"}`:       1,
			`tbc_rate_limit_refusals_total{window="anonymous"}`: 2,
			`tbc_authentication_failures_total`:                 62,
		})
	})
}

// A page that grows with tenants, or tells of them, could be shown to no one.
func TestMetrics_HoldNothingOfTenants(t *testing.T) {
	each(t, func(app *App) {
		receiver := app.receiver()
		app.Endpoint(receiver.URL + "/private-path")
		student := app.NewStudent()
		app.Get("/api/v1/students/" + student.ID + "?x=private-query").Want(422)
		app.Get("/api/v1/private-route").Want(404)
		app.Get("/private-beside", "Authorization", "-").Want(404)
		page := app.wantBeside("/metrics", 200)
		for _, private := range []string{app.Workspace.ID(), app.Key.ID, app.Secret, student.ID, "private", "127.0.0.1", "@", "org_", "whe_", "evt_"} {
			if strings.Contains(page, private) {
				app.Errorf("/metrics holds %q", private)
			}
		}
	})
}

func TestMetrics_ShowTheQueueHeldBackDeliveriesIncluded(t *testing.T) {
	each(t, func(app *App) {
		app.Endpoint("http://127.0.0.1:9/hook")
		for range 17 {
			app.NewStudent()
		}
		claims, err := app.DB.ClaimDeliveries(app.Context(), 100)
		if err != nil || len(claims) != 16 {
			app.Fatalf("claimed %d, %v", len(claims), err)
		}
		app.DB.Clock.Advance(49 * time.Second)
		app.wantMetrics(map[string]float64{
			`tbc_webhook_queue_deliveries{state="due"}`:        1,
			`tbc_webhook_queue_deliveries{state="leased"}`:     16,
			`tbc_webhook_queue_deliveries{state="scheduled"}`:  0,
			`tbc_webhook_queue_stalled_age_seconds`:            0,
			`tbc_webhook_endpoints_failing`:                    0,
			`tbc_webhook_endpoints_disabled{reason="failing"}`: 0,
			`tbc_emails_waiting`:                               0,
		})
		if age := app.metric("tbc_webhook_queue_oldest_due_age_seconds"); age < 49 || age > 51 {
			app.Errorf("the oldest due delivery is %v s old", age)
		}
	})
}

// A look at the database serves every scrape of its second.
func TestMetrics_AskTheDatabaseOnceASecond(t *testing.T) {
	each(t, func(app *App) {
		app.wantBeside("/metrics", 200)
		app.Endpoint("http://127.0.0.1:9/hook")
		app.NewStudent()
		if due := app.metric(`tbc_webhook_queue_deliveries{state="due"}`); due != 0 {
			app.Errorf("within the second: %v due", due)
		}
		app.wantMetrics(map[string]float64{`tbc_webhook_queue_deliveries{state="due"}`: 1})
	})
}

// While the database is away, the page shows what the process knows, says so, and does not hang.
func TestMetrics_WithoutDatabaseSayThatFiguresAreMissing(t *testing.T) {
	each(t, func(app *App) {
		if err := app.DB.Store.Close(); err != nil {
			app.Fatal(err)
		}
		var scrapes sync.WaitGroup
		for range 10 {
			scrapes.Go(func() {
				if up := app.metric("tbc_database_up"); up != 0 {
					app.Errorf("tbc_database_up is %v", up)
				}
			})
		}
		scrapes.Wait()
		for _, missing := range []string{"tbc_webhook_queue_oldest_due_age_seconds", "tbc_clock_skew_seconds", "tbc_emails_waiting"} {
			if value, shown := app.findMetric(missing); shown {
				app.Errorf("%s shows %v", missing, value)
			}
		}
		if pools := strings.Count(app.wantBeside("/metrics", 200), "tbc_database_connections_max{"); pools < 2 {
			app.Errorf("%d pools are shown", pools)
		}
	})
}

func TestMetrics_CountOpenStreams(t *testing.T) {
	each(t, func(app *App) {
		app.Stream()
		app.Stream()
		app.wantMetrics(map[string]float64{"tbc_event_streams_open": 2})
	})
}

// A process that only delivers is watched like any other.
func TestMetrics_AreThereWithoutTheAPI(t *testing.T) {
	each(t, func(app *App) {
		config := server.Config{Roles: []server.Role{server.RoleDelivery}}
		parts := app.parts(slog.New(slog.DiscardHandler))
		parts.Metrics = metrics.New(metrics.Config{Source: app.DB.Store, Now: app.DB.Clock.Now, Version: "v9"})
		answer := httptest.NewRecorder()
		server.New(config, parts).Handler().ServeHTTP(answer, httptest.NewRequestWithContext(app.Context(), "GET", "/metrics", nil))
		want := fmt.Sprintf("tbc_build_info{revision=%q,version=%q} 1", "", "v9")
		if answer.Code != 200 || !strings.Contains(answer.Body.String(), want) {
			app.Errorf("GET /metrics: %d without %s", answer.Code, want)
		}
	})
}
