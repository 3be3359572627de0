package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The workspace whose pages are measured: keys, of which a hundred may live, endpoints, as many as there may be, and
// deliveries in the log, each event to all endpoints.
const (
	dashboardKeys       = 1000
	dashboardLiveKeys   = 90
	dashboardHooks      = 20
	dashboardDeliveries = 100_000
)

// dashboardPages are measured under these names. {key}, {hook} and {delivery} stand for ids of the workspace.
var dashboardPages = []struct{ name, path string }{
	{"keys", "/dashboard/developer"},
	{"a key", "/dashboard/developer/keys/{key}"},
	{"webhooks", "/dashboard/developer/webhooks"},
	{"webhooks, 30 days", "/dashboard/developer/webhooks?range=days"},
	{"an endpoint", "/dashboard/developer/webhooks/{hook}"},
	{"deliveries", "/dashboard/developer/webhooks/deliveries"},
	{"failed deliveries", "/dashboard/developer/webhooks/deliveries?status=failed"},
	{"a delivery", "/dashboard/developer/webhooks/deliveries/{delivery}"},
	{"audit log", "/dashboard/audit"},
	{"team", "/dashboard/team"},
}

// dashboardRows are what the pages must keep to. SQLite runs the same statements; tests of the pages hold their number
// on both.
func dashboardRows() (rows []row) {
	for _, page := range dashboardPages {
		rows = append(rows, row{group: "dashboard", id: page.name + " queries", database: postgres, floor: 5, atMost: true, unit: " queries",
			figure: "dashboard, " + page.name + ": queries"})
		for _, kind := range []string{sqlite, postgres} {
			rows = append(rows, row{group: "dashboard", id: page.name, database: kind, floor: 20, atMost: true, unit: " ms",
				figure: "dashboard, " + page.name + ": from request to whole answer, p50"})
		}
	}
	return rows
}

// dashboard measures the pages of one workspace that is as full as it gets.
func (b *bench) dashboard(ctx context.Context, kind string) (err error) {
	db, login, err := b.dashboardDatabase(ctx, kind)
	if err != nil {
		return err
	}
	server, _, err := b.serve(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	cookie, err := signIn(ctx, server.addr, login)
	if err != nil {
		return err
	}
	hook, err := text(ctx, db, "SELECT min(id) FROM webhook_endpoints")
	if err != nil {
		return err
	}
	ids := strings.NewReplacer("{key}", longID("key_", 1), "{hook}", hook, "{delivery}", longID("evd_", dashboardDeliveries/2))
	for range runs {
		for _, page := range dashboardPages {
			const calls = 40
			asked := []byte("GET " + ids.Replace(page.path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + cookie + "\r\n\r\n")
			requests := make([][]byte, 16+calls) // the first are not counted
			for i := range requests {
				requests[i] = asked
			}
			took, err := latencies(ctx, server.addr, requests)
			if err != nil {
				return fmt.Errorf("%s: %w", page.name, err)
			}
			var milliseconds []float64
			for _, t := range took[16:] {
				milliseconds = append(milliseconds, float64(t.Microseconds())/1000)
			}
			b.results.add("dashboard", page.name, kind, median(milliseconds))
			if kind != postgres {
				continue
			}
			seen, err := b.explained(ctx, server.addr, requests)
			if err != nil {
				return err
			}
			b.results.add("dashboard", page.name+" queries", kind, perRequest(seen, calls))
		}
	}
	return server.alive()
}

// perRequest is how many statements each of n equal requests ran. What the server does by itself meanwhile is not of
// that rhythm.
func perRequest(seen []statement, n int) (queries float64) {
	times := map[string]int{}
	for _, s := range seen {
		times[s.Text]++
	}
	for _, count := range times {
		queries += math.Round(float64(count) / float64(n))
	}
	return queries
}

// credentials open the dashboard.
type credentials struct{ Email, Password string }

// dashboardDatabase makes the workspace: its endpoints through the API, keys and deliveries by SQL.
func (b *bench) dashboardDatabase(ctx context.Context, kind string) (db database, login credentials, err error) {
	if db, err = b.open(ctx, kind, "dashboard"); err != nil {
		return db, login, err
	}
	if _, err = b.tbc(ctx, db, "migrate"); err != nil {
		return db, login, err
	}
	out, err := b.tbc(ctx, db, "seed", "--profile", "load", "--json", "--workspaces", "1", "--courses", "10", "--students", "10", "--orders", "10")
	if err != nil {
		return db, login, err
	}
	var seeded struct{ Login credentials }
	if err := json.Unmarshal(out, &seeded); err != nil || seeded.Login.Password == "" {
		return db, login, fmt.Errorf("tbc seed prints no login: %w", err)
	}
	if err := b.makeHooks(ctx, db); err != nil {
		return db, login, err
	}
	if err := execute(ctx, db, append(loadSettings[kind], dashboardStatements(kind, time.Now())...)...); err != nil {
		return db, login, fmt.Errorf("fill the workspace: %w", err)
	}
	n, err := b.count(ctx, db, "webhook_deliveries")
	if err == nil && n < dashboardDeliveries {
		err = fmt.Errorf("the log has %d deliveries, want %d", n, dashboardDeliveries)
	}
	return db, seeded.Login, errors.Join(err, b.settled(ctx, db))
}

// makeHooks makes the endpoints.
func (b *bench) makeHooks(ctx context.Context, db database) (err error) {
	tokens, err := b.tokens(ctx, db, 1)
	if err != nil {
		return err
	}
	server, _, err := b.serve(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	for i := range dashboardHooks {
		body := fmt.Sprintf(`{"url":"http://127.0.0.1:9/%d","label":"Endpoint %d","events":["*"]}`, i, i)
		if _, err := send(ctx, server.addr, post("/api/v1/webhook-endpoints", tokens[0], body), 201); err != nil {
			return err
		}
	}
	return nil
}

// signIn returns the cookie of a new session.
func signIn(ctx context.Context, addr string, with credentials) (cookie string, err error) {
	form := url.Values{"_email": {with.Email}, "_password": {with.Password}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/dashboard/sign-in", strings.NewReader(form))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	for _, given := range answer.Cookies() {
		if given.Name == "tbc_session" {
			return given.Name + "=" + given.Value, nil
		}
	}
	return "", fmt.Errorf("signing in is answered with %s and no session", answer.Status)
}
