// Package server is the HTTP side: every gate that a request passes, the
// operations of the contract, and the few paths beside them. It knows the
// contract (gen) and the store, and nothing of SQL.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/trace"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/dashboard"
	"github.com/thebigclass/api/server/docs"
	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/server/requestlog"
	"github.com/thebigclass/api/store"
)

// API serves the contract. Its handlers are the methods named after operations.
type API struct {
	config       Config
	store        *store.Store
	log          *slog.Logger
	now          func() time.Time
	build        string
	destinations Destinations
	anonymous    *anonymousBucket
	bodies       *bodyCache
	readiness    *readiness
	metrics      *metrics.Metrics
	streams      *eventStreams
	docs         *docs.Site
	requests     *requestlog.Recorder
	tracer       trace.Tracer
}

// Parts are what an API is made of beside its configuration.
type Parts struct {
	Store        *store.Store // opened and migrated
	Log          *slog.Logger
	Now          func() time.Time
	Build        string // names this program in ETags: another build may shape bodies otherwise
	Destinations Destinations
	Metrics      *metrics.Metrics     // counted into and shown; nil makes some
	Ticker       Ticker               // of event streams; nil is the machine's
	Tracer       trace.Tracer         // nil: traces are off
	Requests     *requestlog.Recorder // nil makes one; Serve writes what it gathers
}

// Destinations decides where webhooks may be sent. Its errors are sentences for
// whoever entered the URL.
type Destinations interface {
	CheckURL(url string) error
}

// New makes the API.
func New(config Config, parts Parts) *API {
	if parts.Metrics == nil {
		parts.Metrics = metrics.New(metrics.Config{Source: parts.Store, Now: parts.Now, Log: parts.Log, Revision: parts.Build})
	}
	if parts.Requests == nil {
		parts.Requests = requestlog.New(requestlog.Config{Store: parts.Store, Log: parts.Log, Lost: parts.Metrics.Unrecorded})
	}
	return &API{
		config: config, store: parts.Store, log: parts.Log, now: parts.Now, build: parts.Build,
		destinations: parts.Destinations,
		anonymous:    newAnonymousBucket(parts.Now),
		bodies:       newBodyCache(),
		readiness:    newReadiness(parts.Store, parts.Now, config.Runs(RoleDelivery)),
		metrics:      parts.Metrics,
		streams:      newEventStreams(parts.Ticker),
		docs:         docs.NewSite(config.BaseURL),
		requests:     parts.Requests,
		tracer:       parts.Tracer,
	}
}

// basePath is where the contract's paths begin.
const basePath = "/api/v1"

// Handler is the whole path of a request, outermost gate first. A process
// without the role answers nothing under /api/v1.
func (a *API) Handler() http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = a.handleError // every error of every part ends here
	e.Binder = validatedBinder{}       // handlers get the value that was validated
	e.Use(
		a.identified, // before recovered, so that even a panic's answer has its request id
		a.tracing(),  // nothing while traces are off
		a.recovered,  // a panic below is a 500 like any other
		a.logged,     // sees the status of everything below, and counts it
	)
	a.registerBeside(e)
	if a.config.Runs(RoleAPI) {
		a.registerAPI(e)
		a.registerDashboard(e)
	}
	return e
}

// registerAPI adds the operations of the contract and their gates.
func (a *API) registerAPI(e *echo.Echo) {
	e.Use(onlyAPI(
		a.rated,         // six headers before anything can write an answer
		a.limited,       // no gate below can be made to read without end
		a.authenticated, // first of all for any path and method: 401 tells a stranger nothing
		a.routed(e),     // 404 and 405, counted like every call with a good key
	))
	gates := map[string][]echo.MiddlewareFunc{}
	for _, op := range gen.Operations {
		gates[op.ID] = []echo.MiddlewareFunc{
			deprecated(op),    // announced on refusals too
			scoped(op),        // before validation: 403 describes no input
			a.validated(op),   // decodes once; what passes is what the handler gets
			a.conditional(op), // GET but the stream: ETag, 304, bodies known by the workspace's version
			a.idempotent(op),  // POST: leaves the Idempotency-Key for once
		}
	}
	gen.RegisterHandlersWithOptions(e, gen.NewStrictHandler(a, []gen.StrictMiddlewareFunc{answered}),
		gen.RegisterHandlersOptions{BaseURL: basePath, OperationMiddlewares: gates})
}

// registerDashboard adds the pages for people. They have gates of their own:
// sessions, not keys.
func (a *API) registerDashboard(e *echo.Echo) {
	pages := dashboard.New(dashboard.Parts{
		Settings: dashboard.Settings{
			BaseURL: a.config.BaseURL, Production: a.config.Production, DisableAfter: a.config.Webhooks.DisableAfter,
		},
		Store: a.store, Log: a.log, Now: a.now, Passwords: password.New(), Destinations: a.destinations,
		ClientAddress: func(r *http.Request) netip.Addr { return clientAddress(r, a.config.TrustedProxies) },
		RequestID:     func(ctx context.Context) string { return callOf(ctx).requestID },
	}).Handler()
	e.Any("/dashboard", echo.WrapHandler(pages))
	e.Any("/dashboard/*", echo.WrapHandler(pages))
}
