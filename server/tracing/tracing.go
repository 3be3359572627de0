// Package tracing sends OpenTelemetry traces from a call to the delivery of what it caused. It is off unless the
// standard OTEL_* variables say where traces go; then it speaks OTLP over HTTP, and the SDK reads the rest of those
// variables (headers, sampler, batches, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) by itself.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// scope names us as the source of spans.
const scope = "github.com/thebigclass/api"

// stopTimeout bounds the sending of the last spans: a collector that is away holds up no stop.
const stopTimeout = 3 * time.Second

// Tracing makes spans and sends them. Nil makes none.
type Tracing struct {
	provider *sdk.TracerProvider
}

// Start connects to the collector that the environment names. It returns even if the collector is away.
func Start(ctx context.Context, version string, log *slog.Logger) (*Tracing, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.WarnContext(ctx, "traces not sent", "error", err.Error())
	}))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	// A later one wins: what the operator calls the service goes before our own name for it.
	described, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "tbc"), attribute.String("service.version", version),
	), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, errors.Join(fmt.Errorf("traces: %w", err), exporter.Shutdown(ctx))
	}
	return New(sdk.WithBatcher(exporter), sdk.WithResource(described)), nil
}

// New makes spans as the options say.
func New(options ...sdk.TracerProviderOption) *Tracing {
	return &Tracing{provider: sdk.NewTracerProvider(options...)}
}

// Tracer makes spans; nil if there is no tracing.
func (t *Tracing) Tracer() trace.Tracer {
	if t == nil {
		return nil
	}
	return t.provider.Tracer(scope)
}

// Stop sends what is left, for at most three seconds.
func (t *Tracing) Stop(ctx context.Context) {
	if t == nil {
		return
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := t.provider.Shutdown(bounded); err != nil {
		otel.Handle(err)
	}
}
