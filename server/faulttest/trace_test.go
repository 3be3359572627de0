package faulttest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/thebigclass/api/store/storetest"
)

// spans is a collector of OpenTelemetry: the names of spans, by the trace that they are of.
type spans struct {
	*testing.T
	got chan [2]string // trace and name
}

func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var sent collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &sent)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		s.Errorf("%s was sent %d bytes: %v", r.URL.Path, len(body), err)
	}
	for _, resource := range sent.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				s.got <- [2]string{string(span.TraceId), span.Name}
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(http.StatusOK)
}

// The trace of a call goes through the database: it holds the attempt that another process makes.
func TestTraces_ReachFromTheCallInOneProcessToTheAttemptInAnother(t *testing.T) {
	t.Parallel()
	// Two processes need PostgreSQL.
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db := database{T: t, URL: storetest.Postgres(t).URL()}
		db, by := development(db)
		receiver := newReceiver(t)
		close(receiver.hold)
		seen := &spans{T: t, got: make(chan [2]string, 10_000)}
		listening := httptest.NewServer(seen)
		t.Cleanup(listening.Close)
		db.Env = append(db.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+listening.URL, "OTEL_BSP_SCHEDULE_DELAY=50")
		calls, sends := db, db
		calls.Env = append([]string{"TBC_ROLES=api"}, db.Env...)
		sends.Env = append([]string{"TBC_ROLES=delivery"}, db.Env...)
		server := calls.Serve()
		receiver.subscribe(by, server)
		sends.Serve()
		wantStudent(by, server, "traced@example.com")
		receiver.next()
		timer := time.NewTimer(time.Minute)
		defer timer.Stop()
		names := map[string]map[string]bool{}
		for {
			select {
			case span := <-seen.got:
				if names[span[0]] == nil {
					names[span[0]] = map[string]bool{}
				}
				trace := names[span[0]]
				trace[span[1]] = true
				if trace["POST /api/v1/students"] && trace["tx"] && trace["emit student.created"] && trace["attempt student.created"] {
					return
				}
			case <-timer.C:
				t.Fatalf("no trace holds the call and its attempt: %v", names)
			}
		}
	})
}
