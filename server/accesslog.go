package server

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/trace"

	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/store"
)

// logged writes one line a request: the route's template instead of the path
// (a path may name a person), never a query, a header, a body or a token.
// A panic passes through; it is logged as the 500 that the recover gate makes of it.
// The same is counted, and recorded for the people of the key's workspace.
func (a *API) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		started := a.now()
		status := http.StatusInternalServerError
		defer func() {
			took := a.now().Sub(started)
			a.countRequest(c, status, took)
			a.logRequest(c, status, took.Microseconds())
			a.recordRequest(c, status, took)
		}()
		if err = next(c); err != nil {
			c.Error(err) // rendered here, so that the line below knows the status
		}
		status = c.Response().Status
		return nil
	}
}

func (a *API) countRequest(c echo.Context, status int, took time.Duration) {
	a.metrics.Answered(metrics.Request{
		Route: c.Path(), Method: knownMethod(c.Request().Method), Status: status, Took: took,
		Stream: strings.HasPrefix(c.Response().Header().Get(echo.HeaderContentType), "text/event-stream"),
	})
}

// recordRequest keeps what a good key called, refusals included.
func (a *API) recordRequest(c echo.Context, status int, took time.Duration) {
	made := callOf(c.Request().Context())
	if made.key.ID == "" {
		return
	}
	a.requests.Add(store.Request{
		WorkspaceID: made.key.WorkspaceID, KeyID: made.key.ID, ID: made.requestID, At: made.rates.now,
		Method: knownMethod(c.Request().Method), Route: c.Path(), Status: status, Took: took,
		Address: clientAddress(c.Request(), a.config.TrustedProxies).String(),
	})
}

func (a *API) logRequest(c echo.Context, status int, microseconds int64) {
	level := slog.LevelInfo
	route := c.Path()
	if !isAPI(c.Request()) {
		level = slog.LevelDebug // probes ask every second
	}
	ctx := c.Request().Context()
	if !a.log.Enabled(ctx, level) {
		return
	}
	made := callOf(ctx)
	attrs := []slog.Attr{
		slog.String("requestId", made.requestID),
		slog.String("method", knownMethod(c.Request().Method)),
		slog.String("route", route),
		slog.Int("status", status),
		slog.Int64("bytes", c.Response().Size),
		slog.Int64("microseconds", microseconds),
		slog.String("workspaceId", made.key.WorkspaceID),
		slog.String("keyId", made.key.ID),
		slog.Int("minuteLeft", made.rates.minute.Remaining),
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		attrs = append(attrs, slog.String("traceId", span.TraceID().String()))
	}
	a.log.LogAttrs(ctx, level, "request", attrs...)
}

// knownMethod keeps what a caller invents as a method out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return "other"
}
