// Package watch tells metrics and traces what the engine of deliveries does. Neither of them knows the engine, and
// the engine knows neither.
package watch

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/webhooks/delivery"
)

// Engine is the observer of an engine.
type Engine struct {
	Metrics *metrics.Metrics
	Tracer  trace.Tracer // nil: traces are off
	Now     func() time.Time
}

// Claimed implements delivery.Observer. A claim is of many deliveries, so it is a trace of its own; one that found
// nothing is none.
func (e *Engine) Claimed(ctx context.Context, n, expired int, took time.Duration) {
	e.Metrics.Claimed(n, expired, took)
	if e.Tracer != nil && n > 0 {
		e.past(ctx, "claim", took, attribute.Int("tbc.deliveries", n), attribute.Int("tbc.lease_expiries", expired))
	}
}

// Completed implements delivery.Observer.
func (e *Engine) Completed(ctx context.Context, n, fenced int, took time.Duration) {
	e.Metrics.Completed(fenced, took)
	if e.Tracer != nil && n > 0 {
		e.past(ctx, "complete", took, attribute.Int("tbc.attempts", n), attribute.Int("tbc.fenced", fenced))
	}
}

// past makes the span of what has just ended.
func (e *Engine) past(ctx context.Context, name string, took time.Duration, attributes ...attribute.KeyValue) {
	now := e.Now()
	_, span := e.Tracer.Start(ctx, name, trace.WithTimestamp(now.Add(-took)), trace.WithAttributes(attributes...))
	span.End(trace.WithTimestamp(now))
}

// Attempt implements delivery.Observer. The span of an attempt lies below that of its event, in the trace of the call
// that caused it, whichever process that call came to and however long ago that was. The receiver is told nothing of
// it: our traces are our own, and a header more is one more that somebody relies on. The URL is left out; its path or
// query may be the customer's secret.
func (e *Engine) Attempt(ctx context.Context, claim store.Claim) (context.Context, func(delivery.Result)) {
	count := func(r delivery.Result) { e.Metrics.Attempted(metrics.Outcome(r.Class), r.Duration) }
	if e.Tracer == nil {
		return ctx, count
	}
	parent := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": claim.Trace})
	ctx, span := e.Tracer.Start(parent, "attempt "+claim.EventType, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", "POST"), attribute.String("tbc.workspace_id", claim.WorkspaceID),
		attribute.String("tbc.event_id", claim.EventID), attribute.String("tbc.delivery_id", claim.DeliveryID),
		attribute.String("tbc.endpoint_id", claim.EndpointID), attribute.Int("tbc.attempt", claim.Attempt),
		attribute.String("tbc.trigger", claim.Trigger),
	))
	return ctx, func(r delivery.Result) {
		count(r)
		span.SetAttributes(attribute.String("tbc.outcome", r.Class))
		if r.Status != 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", r.Status))
		}
		if r.Class == delivery.Retry || r.Class == delivery.Failed {
			span.SetStatus(codes.Error, r.Err)
		}
		span.End()
	}
}

var _ delivery.Observer = (*Engine)(nil)
