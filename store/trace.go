package store

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// traceScope names the store as the source of spans.
const traceScope = "github.com/thebigclass/api/store"

// startSpan makes a span below that of ctx, by the provider that made that one. Without one, which is always while
// traces are off, it costs a look into ctx.
func startSpan(ctx context.Context, name string, options ...trace.SpanStartOption) trace.Span {
	above := trace.SpanFromContext(ctx)
	if !above.SpanContext().IsValid() {
		return above
	}
	_, span := above.TracerProvider().Tracer(traceScope).Start(ctx, name, options...)
	return span
}

// endSpan ends what startSpan has made. What that returns while traces are off may be ended as well.
func endSpan(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// trace makes the span of an event and returns how a later attempt refers to it: the W3C's traceparent, or nil while
// traces are off.
func (tx *Tx) trace(ctx context.Context, eventID, kind string) *string {
	if !tx.span.SpanContext().IsValid() {
		return nil
	}
	span := startSpan(trace.ContextWithSpan(ctx, tx.span), "emit "+kind, trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(attribute.String("tbc.event_id", eventID), attribute.String("tbc.event_type", kind)))
	defer span.End()
	is := span.SpanContext()
	parent := fmt.Sprintf("00-%s-%s-%s", is.TraceID(), is.SpanID(), is.TraceFlags())
	return &parent
}
