package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceContext is the W3C's traceparent and tracestate.
var traceContext = propagation.TraceContext{}

// tracing is traced for calls under /api/v1 if traces are on. What asks beside it, every second, is not worth a trace.
func (a *API) tracing() echo.MiddlewareFunc {
	if a.tracer == nil {
		return func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	}
	return onlyAPI(a.traced)
}

// traced makes a span of a call under /api/v1, below that of the caller's traceparent if there is one. It names the
// route's template: a path may name a person.
func (a *API) traced(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx := traceContext.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		method := knownMethod(r.Method)
		ctx, span := a.tracer.Start(ctx, method+" "+c.Path(), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.String("http.request.method", method), attribute.String("http.route", c.Path()),
			attribute.String("tbc.request_id", callOf(ctx).requestID),
		))
		defer span.End()
		c.SetRequest(r.WithContext(ctx))
		err := next(c)
		status := c.Response().Status
		if err != nil { // a panic: what is rendered further out
			status = http.StatusInternalServerError
		}
		if made := callOf(ctx); made.key.ID != "" {
			span.SetAttributes(attribute.String("tbc.workspace_id", made.key.WorkspaceID))
		}
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		return err
	}
}
