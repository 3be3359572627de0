package server_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
)

func TestRateLimit_HeadersAreTrueOver60CallsAndThe429(t *testing.T) {
	each(t, func(app *App) {
		_, secret := app.LimitedKey(gen.ScopeReadCourses)
		caller := app.As(secret)
		start := app.DB.Clock.Now()
		minuteReset, dayReset := start.Truncate(time.Minute).Add(time.Minute), start.Truncate(24*time.Hour).Add(24*time.Hour)
		// Every answer of ours to a good key counts, errors included.
		paths := []string{"/courses", "/nothing", "/courses/x", "/courses?limit=0", "/students", "/me"}
		for i := range 60 {
			answer := caller.Get("/api/v1" + paths[i%len(paths)])
			want := fmt.Sprintf("%d/%d", 59-i, 999-i)
			if answer.Left() != want || answer.Header.Get(gen.HeaderRateLimitLimit) != "60" || answer.Header.Get(gen.HeaderRateLimitDailyLimit) != "1000" {
				app.Fatalf("call %d (%d) shows %s left, want %s", i+1, answer.Status, answer.Left(), want)
			}
			if got := answer.Header.Get(gen.HeaderRateLimitReset) + "/" + answer.Header.Get(gen.HeaderRateLimitDailyReset); got != fmt.Sprintf("%d/%d", minuteReset.Unix(), dayReset.Unix()) {
				app.Fatalf("call %d resets at %s", i+1, got)
			}
		}
		for range 3 { // a 429 consumes nothing
			refused := caller.Get("/api/v1/courses")
			seconds := int(minuteReset.Sub(start).Seconds())
			body := refused.WantError(http.StatusTooManyRequests, gen.ErrorCodeRateLimited)
			if body.Message != fmt.Sprintf("Per-minute rate limit reached. Retry after %ds.", seconds) || *body.RetryAfterSeconds != seconds {
				app.Errorf("the 429 says %q and %d", body.Message, *body.RetryAfterSeconds)
			}
			if refused.Left() != "0/940" {
				app.Errorf("the 429 shows %s left", refused.Left())
			}
		}
		app.DB.Clock.Set(minuteReset)
		if turned := caller.Get("/api/v1/courses").Want(200); turned.Left() != "59/939" {
			app.Errorf("the next minute shows %s left", turned.Left())
		}
	})
}

func TestRateLimit_TheDayBindsWhenItsResetIsLater(t *testing.T) {
	each(t, func(app *App) {
		_, secret := app.DB.NewKey(app.T, app.Workspace, store.NewKey{MinuteLimit: 2, DayLimit: 3, Scopes: allScopes()})
		caller := app.As(secret)
		caller.Get("/api/v1/me").Want(200)
		caller.Get("/api/v1/me").Want(200)
		app.DB.Clock.Advance(time.Minute)
		if me := decode[gen.MeResponse](caller.Get("/api/v1/me").Want(200)).Data; me.RateLimits.Minute.Remaining != 1 || me.RateLimits.Day.Remaining != 0 {
			app.Errorf("me shows %+v", me.RateLimits)
		}
		body := caller.Get("/api/v1/me").WantError(429, gen.ErrorCodeRateLimited)
		if !strings.HasPrefix(body.Message, "Per-day rate limit reached.") {
			app.Errorf("the message names another window: %s", body.Message)
		}
		midnight := app.DB.Clock.Now().Truncate(24 * time.Hour).Add(24 * time.Hour)
		app.DB.Clock.Set(midnight)
		if both := caller.Get("/api/v1/me").Want(200); both.Left() != "1/2" {
			app.Errorf("minute and day do not turn together: %s", both.Left())
		}
	})
}

func TestRateLimit_ExactlyKOfNConcurrentCallsPass(t *testing.T) {
	each(t, func(app *App) {
		_, secret := app.LimitedKey(gen.ScopeReadCourses)
		_, second := app.start(server.Config{})
		passed := app.As(secret).burst(200, app.URL, second)
		if passed != 60 {
			app.Errorf("%d of 200 calls over two servers passed, want 60", passed)
		}
	})
}

// burst sends n calls at once, spread over the servers, and counts the 200s.
func (app *App) burst(n int, urls ...string) int {
	app.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	passed := 0
	for i := range n {
		group.Go(func() {
			caller := *app
			caller.URL = urls[i%len(urls)]
			if answer := caller.Get("/api/v1/courses"); answer.Status == 200 {
				mu.Lock()
				defer mu.Unlock()
				passed++
			} else if answer.Status != 429 {
				app.Errorf("answered %d: %s", answer.Status, answer.Body)
			}
		})
	}
	group.Wait()
	return passed
}

func TestRateLimit_NotModifiedCounts(t *testing.T) {
	each(t, func(app *App) {
		_, secret := app.LimitedKey(gen.ScopeReadCourses)
		caller := app.As(secret)
		tag := caller.Get("/api/v1/courses").Want(200).Header.Get("ETag")
		if answer := caller.Get("/api/v1/courses", "If-None-Match", tag).Want(304); answer.Left() != "58/998" {
			app.Errorf("a 304 leaves %s", answer.Left())
		}
	})
}

// Callers without a good key have a bucket of their own address, per process.
func TestRateLimit_AnonymousCallsDrawOnTheirAddress(t *testing.T) {
	each(t, func(app *App) {
		_, url := app.start(server.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
		stranger := *app
		stranger.URL, stranger.Secret = url, unknownToken
		for i := range 60 {
			answer := stranger.Get("/api/v1/courses", "X-Forwarded-For", "198.51.100.7").Want(401)
			if answer.Left() != fmt.Sprintf("%d/%d", 59-i, 999-i) {
				app.Fatalf("call %d shows %s left", i+1, answer.Left())
			}
		}
		body := stranger.Get("/api/v1/courses", "X-Forwarded-For", "203.0.113.1, 198.51.100.7").WantError(429, gen.ErrorCodeRateLimited)
		if !strings.HasSuffix(body.Message, "Retry after "+strconv.Itoa(*body.RetryAfterSeconds)+"s.") {
			app.Errorf("message %q, seconds %d", body.Message, *body.RetryAfterSeconds)
		}
		stranger.Get("/api/v1/courses", "X-Forwarded-For", "198.51.100.8").Want(401)
		stranger.Get("/api/v1/courses", "X-Forwarded-For", "198.51.100.7", "Authorization", "Bearer "+app.Secret).Want(200)
	})
}

func TestRevocation_HoldsFromTheNextCallOnEveryProcess(t *testing.T) {
	each(t, func(app *App) {
		_, second := app.start(server.Config{})
		_, secret := app.NewKey()
		app.As(secret).Get("/api/v1/courses").Want(200)
		app.revoke(secret)
		other := app.As(secret)
		other.URL = second
		other.Get("/api/v1/courses").WantError(401, gen.ErrorCodeUnauthorized)
		app.As(secret).Get("/api/v1/courses").WantError(401, gen.ErrorCodeUnauthorized)
	})
}
