package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/server/tracing"
	"github.com/thebigclass/api/server/watch"
	"github.com/thebigclass/api/webhooks/delivery"
)

// watched is an app whose calls and deliveries are counted, traced and logged.
type watched struct {
	*App
	spans    *tracetest.SpanRecorder
	recorded <-chan struct{}
}

// watch serves the app once more with everything switched on, and delivers until the test ends.
func (app *App) watch() *watched {
	app.Helper()
	w := &watched{spans: tracetest.NewSpanRecorder()}
	tracer := tracing.New(sdk.WithSpanProcessor(w.spans)).Tracer()
	parts := app.parts(app.logger())
	parts.Tracer = tracer
	parts.Metrics = metrics.New(metrics.Config{Source: app.DB.Store, Now: app.DB.Clock.Now})
	listening := httptest.NewServer(server.New(server.Config{}, parts).Handler())
	app.Cleanup(listening.Close)
	seen := *app
	seen.URL, w.App = listening.URL, &seen
	w.recorded = seen.deliverWith(delivery.Config{
		Log: app.logger(), Observer: &watch.Engine{Metrics: parts.Metrics, Tracer: tracer, Now: app.DB.Clock.Now},
	})
	return w
}

// span waits for a span with the name to end: an attempt's ends a moment after its receiver has answered.
func (w *watched) span(name string) sdk.ReadOnlySpan {
	w.Helper()
	for _, span := range w.spans.Ended() {
		if span.Name() == name {
			return span
		}
	}
	w.Fatalf("no span %s", name)
	return nil
}

func value(span sdk.ReadOnlySpan, key attribute.Key) string {
	for _, is := range span.Attributes() {
		if is.Key == key {
			return is.Value.String()
		}
	}
	return ""
}

const callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"

// One trace, the caller's own, reaches through the database to the attempt, and ends there.
func TestTraces_OneTraceHoldsTheCallAndTheAttempt(t *testing.T) {
	each(t, func(app *App) {
		seen := app.watch()
		receiver := app.receiver()
		endpoint := app.Endpoint(receiver.URL+"/hook?private-query", "student.created")
		answer := seen.Post("/api/v1/students", map[string]any{"email": "private@example.com", "displayName": "Private Person"},
			"Traceparent", "00-"+callersTrace+"-00f067aa0ba902b7-01").Want(201)
		got := receiver.want("student.created", endpoint.Secret)
		seen.App.recorded(seen.recorded)
		call, tx, emit, attempt := seen.span("POST /api/v1/students"), seen.span("tx"), seen.span("emit student.created"), seen.span("attempt student.created")
		if call.Parent().SpanID().String() != "00f067aa0ba902b7" || !call.Parent().IsRemote() {
			app.Errorf("the call's parent is %s", call.Parent().SpanID())
		}
		for parent, child := range map[sdk.ReadOnlySpan]sdk.ReadOnlySpan{call: tx, tx: emit, emit: attempt} {
			if child.SpanContext().TraceID().String() != callersTrace || child.Parent().SpanID() != parent.SpanContext().SpanID() {
				app.Errorf("%s is not below %s in the caller's trace", child.Name(), parent.Name())
			}
		}
		for key, want := range map[attribute.Key]string{
			"tbc.delivery_id": got.Header.Get("X-TBC-Delivery"), "tbc.endpoint_id": endpoint.ID, "tbc.attempt": "1",
			"tbc.trigger": "auto", "tbc.outcome": "succeeded", "http.response.status_code": "204", "tbc.event_id": value(emit, "tbc.event_id"),
		} {
			if is := value(attempt, key); is != want || want == "" {
				app.Errorf("%s of the attempt is %q, want %q", key, is, want)
			}
		}
		if value(call, "http.route") != "/api/v1/students" || value(call, "http.response.status_code") != "201" ||
			value(call, "tbc.request_id") != answer.Header.Get("X-Request-Id") {
			app.Errorf("the call's attributes: %v", call.Attributes())
		}
		seen.span("claim")
		if sent := got.Header.Get("Traceparent"); sent != "" {
			app.Errorf("the receiver was told of the trace: %s", sent)
		}
		if log := app.Log.String(); strings.Count(log, `"traceId":"`+callersTrace+`"`) != 2 {
			app.Errorf("the log does not name the trace with the request and the attempt: %s", log)
		}
		for _, span := range seen.spans.Ended() {
			for _, is := range span.Attributes() {
				if text := is.Value.String(); strings.Contains(text, "private") || strings.Contains(text, "Private") || strings.Contains(text, "tbc_") {
					app.Errorf("%s tells %s=%s", span.Name(), is.Key, text)
				}
			}
		}
	})
}

// Off means off: nothing is kept of a trace, and nobody is told of one.
func TestTraces_AreOffByDefault(t *testing.T) {
	each(t, func(app *App) {
		app.Endpoint("http://127.0.0.1:9/hook")
		app.Post("/api/v1/students", map[string]any{"email": "a@example.com", "displayName": "A"},
			"Traceparent", "00-"+callersTrace+"-00f067aa0ba902b7-01").Want(201)
		claims, err := app.DB.ClaimDeliveries(app.Context(), 10)
		if err != nil || len(claims) != 1 || claims[0].Trace != "" {
			app.Errorf("claims %+v, %v", claims, err)
		}
		if strings.Contains(app.Log.String(), callersTrace) {
			app.Error("the log names a trace")
		}
	})
}

// The counters follow the engine: what succeeds, what is tried again and what is given up.
func TestMetrics_CountAttemptsByOutcome(t *testing.T) {
	each(t, func(app *App) {
		seen, receiver := app.watch(), app.receiver()
		endpoint := app.Endpoint(receiver.URL, "student.created")
		for _, status := range []int{204, 500, 400} {
			receiver.answer(status)
			seen.NewStudent()
			receiver.want("student.created", endpoint.Secret)
			seen.App.recorded(seen.recorded)
		}
		seen.wantMetrics(map[string]float64{
			`tbc_webhook_attempts_total{outcome="succeeded"}`: 1,
			`tbc_webhook_attempts_total{outcome="retry"}`:     1,
			`tbc_webhook_attempts_total{outcome="failed"}`:    1,
			`tbc_webhook_attempts_total{outcome="cut"}`:       0,
			`tbc_webhook_attempt_duration_seconds_count`:      3,
			`tbc_webhook_claims_total`:                        3,
			`tbc_webhook_fenced_completions_total`:            0,
			`tbc_webhook_lease_expiries_total`:                0,
			`tbc_webhook_queue_deliveries{state="scheduled"}`: 1,
			`tbc_webhook_endpoints_failing`:                   1,
		})
	})
}

// The lines of a call and of what it caused lead to each other, and say nothing that opens an account or names a person.
func TestLog_OfABusyRunLeadsFromCallToAttemptAndHoldsNothingPrivate(t *testing.T) {
	each(t, func(app *App) {
		seen, receiver := app.watch(), app.receiver()
		endpoint := app.Endpoint(receiver.URL+"/private-path?private-query=1", "student.created", "student.updated")
		for range 5 {
			seen.NewStudent()
			receiver.want("student.created", endpoint.Secret)
			seen.App.recorded(seen.recorded)
		}
		receiver.answer(500)
		student := seen.NewStudent()
		got := receiver.want("student.created", endpoint.Secret)
		seen.Get("/api/v1/students?email=" + student.Email).Want(200)
		seen.App.recorded(seen.recorded)
		var line string
		for text := range strings.Lines(app.Log.String()) {
			if strings.Contains(text, got.Header.Get("X-TBC-Delivery")) {
				line = text
			}
		}
		for _, want := range []string{
			`"msg":"webhook attempt"`, `"eventId":"evt_`, `"deliveryId":"evd_`, `"endpointId":"` + endpoint.ID, `"attempt":1`,
			`"trigger":"auto"`, `"outcome":"retry"`, `"status":500`, `"eventType":"student.created"`,
		} {
			if !strings.Contains(line, want) {
				app.Errorf("the attempt's line lacks %s: %s", want, line)
			}
		}
		for _, private := range []string{
			app.Secret, app.Secret[8:], endpoint.Secret, endpoint.Secret[6:], "whsec_", "tbc_", "@example.com", "%40", "Zoë", "private", receiver.URL,
		} {
			if strings.Contains(app.Log.String(), private) {
				app.Errorf("the log holds %q", private)
			}
		}
	})
}
