package server

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/store"
)

// rates is the state of both windows after one call, whoever counted it.
type rates struct {
	admitted    bool
	now         time.Time // the clock that judged, the database's for a key
	minute, day store.Window
}

// ratesUnknown is what callers are told while nobody can count: the default
// limits and nothing left until the next minute, so that polite clients pause.
func ratesUnknown(now time.Time) rates {
	now = now.UTC()
	return rates{
		now:    now,
		minute: store.Window{Limit: defaultMinuteLimit, Remaining: 0, Reset: now.Truncate(time.Minute).Add(time.Minute)},
		day:    store.Window{Limit: defaultDayLimit, Remaining: defaultDayLimit, Reset: now.Truncate(24 * time.Hour).Add(24 * time.Hour)},
	}
}

// rated puts the six headers on the answer before anything can write it. What
// it writes holds until authentication knows the true numbers; a panic or a
// dead database before that leaves it standing.
func (a *API) rated(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ratesUnknown(a.now()).setHeaders(c.Response().Header())
		return next(c)
	}
}

// setHeaders assigns the map entries directly: Header.Set would change the
// published spelling to X-Ratelimit-Limit.
func (r rates) setHeaders(h http.Header) {
	h[gen.HeaderRateLimitLimit] = []string{strconv.Itoa(r.minute.Limit)}
	h[gen.HeaderRateLimitRemaining] = []string{strconv.Itoa(r.minute.Remaining)}
	h[gen.HeaderRateLimitReset] = []string{strconv.FormatInt(r.minute.Reset.Unix(), 10)}
	h[gen.HeaderRateLimitDailyLimit] = []string{strconv.Itoa(r.day.Limit)}
	h[gen.HeaderRateLimitDailyRemaining] = []string{strconv.Itoa(r.day.Remaining)}
	h[gen.HeaderRateLimitDailyReset] = []string{strconv.FormatInt(r.day.Reset.Unix(), 10)}
}

// binding is the window that refuses a call: of two empty ones the one that resets later.
func (r rates) binding() metrics.Window {
	if r.day.Remaining <= 0 && (r.minute.Remaining > 0 || r.day.Reset.After(r.minute.Reset)) {
		return metrics.Day
	}
	return metrics.Minute
}

// refusal is the 429 of a call that found no room. It names the window that binds.
func (r rates) refusal() error {
	name, window := "Per-minute", r.minute
	if r.binding() == metrics.Day {
		name, window = "Per-day", r.day
	}
	// Whole seconds counted from the second that has begun, so that a client
	// which waits exactly this long is never early.
	seconds := max(1, int(window.Reset.Unix()-r.now.Unix()))
	return &problem{
		code:       gen.ErrorCodeRateLimited,
		message:    fmt.Sprintf("%s rate limit reached. Retry after %ds.", name, seconds),
		retryAfter: seconds,
	}
}
