package metrics_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/store"
)

// source is a database as a test wants it to be.
type source struct {
	figures func(context.Context) (store.Figures, error)
	asked   int
}

func (s *source) Figures(ctx context.Context) (store.Figures, error) {
	s.asked++
	if s.figures == nil {
		return store.Figures{Oldest: time.Minute, Due: 7}, nil
	}
	return s.figures(ctx)
}

func (s *source) Clock(context.Context) (time.Time, error) { return time.Time{}, nil }

func (s *source) Pools() []store.Pool { return []store.Pool{{Name: "main", InUse: 1, Most: 8}} }

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if answer.Code != 200 || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("/metrics answers %d %s", answer.Code, answer.Header())
	}
	return answer.Body.String()
}

// full are metrics of which every one has been seen once.
func full(t *testing.T) *metrics.Metrics {
	t.Helper()
	m := metrics.New(metrics.Config{Source: &source{}, Now: func() time.Time { return time.Time{} }})
	m.Answered(metrics.Request{Route: "/x", Method: "GET", Status: 200})
	scrape(t, m)
	return m
}

func TestMetrics_AreNamedAsPrometheusWants(t *testing.T) {
	t.Parallel()
	m := full(t)
	faults, err := testutil.GatherAndLint(m.Gather(), ours(t, m)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Errorf("%s: %s", fault.Metric, fault.Text)
	}
}

// ours are the names of all metrics that are not the collectors' of Go and the process.
func ours(t *testing.T, m *metrics.Metrics) []string {
	t.Helper()
	families, err := m.Gather().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, family := range families {
		if strings.HasPrefix(family.GetName(), "tbc_") {
			names = append(names, family.GetName())
		}
	}
	if len(names) < 25 || len(families) < len(names)+20 {
		t.Fatalf("%d metrics of ours among %d: Go's or the process's are missing", len(names), len(families))
	}
	return names
}

// ruleFile is a file of rules as Prometheus reads it; unknown members are an error there too.
type ruleFile struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert       string
			Expr        string
			For         string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

var named = regexp.MustCompile(`\btbc_[a-z0-9_]+`)

// An alert on a metric that is not there is silent for ever; one that nobody explains wakes somebody for nothing.
func TestAlerts_NameMetricsThatExistAndAreExplained(t *testing.T) {
	t.Parallel()
	rules, err := os.Open("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer rules.Close()
	decoder, file := yaml.NewDecoder(rules), ruleFile{}
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := full(t)
	page, seen := scrape(t, m), map[string]bool{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			metrics := named.FindAllString(rule.Expr, -1)
			if seen[rule.Alert] || rule.Alert == "" || len(metrics) == 0 || rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" || len(rule.Annotations) > 1 {
				t.Errorf("the rule %+v is incomplete", rule)
			}
			seen[rule.Alert] = true
			if _, err := time.ParseDuration(rule.For); rule.For != "" && err != nil {
				t.Errorf("%s: %v", rule.Alert, err)
			}
			for _, metric := range metrics {
				if !strings.Contains(page, "\n"+metric+"{") && !strings.Contains(page, "\n"+metric+" ") {
					t.Errorf("%s asks for %s, which is not there", rule.Alert, metric)
				}
			}
			if !strings.Contains(string(readme), "\n| "+rule.Alert+" |") {
				t.Errorf("README.md does not explain %s", rule.Alert)
			}
		}
	}
	if len(seen) < 12 {
		t.Errorf("%d alerts", len(seen))
	}
	for _, name := range ours(t, m) {
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("README.md does not tell of %s", name)
		}
	}
}

// A database that hangs delays a scrape by two seconds and no more, however many scrape.
func TestMetrics_ADatabaseThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &source{figures: func(ctx context.Context) (store.Figures, error) {
			<-ctx.Done()
			return store.Figures{}, errors.New("too slow")
		}}
		m := metrics.New(metrics.Config{Source: slow, Now: time.Now}) //nolint:forbidigo // the bubble's clock
		started := time.Now()                                         //nolint:forbidigo // the bubble's clock
		done := make(chan string, 5)
		for range cap(done) {
			go func() { done <- scrape(t, m) }()
		}
		for range cap(done) {
			page := <-done
			if !strings.Contains(page, "\ntbc_database_up 0\n") || strings.Contains(page, "tbc_webhook_queue") ||
				!strings.Contains(page, `tbc_database_connections_in_use{pool="main"} 1`) {
				t.Errorf("a page without the database: %s", page)
			}
		}
		if took := time.Since(started); took != 2*time.Second || slow.asked != 1 { //nolint:forbidigo // the bubble's clock
			t.Errorf("five scrapes took %s and asked %d times", took, slow.asked)
		}
		slow.figures = nil
		time.Sleep(19 * time.Second) //nolint:forbidigo // the bubble's clock
		if page := scrape(t, m); !strings.Contains(page, "\ntbc_database_up 0\n") {
			t.Error("a slow database was asked again before ten times as long had passed")
		}
		time.Sleep(2 * time.Second) //nolint:forbidigo // the bubble's clock
		if page := scrape(t, m); !strings.Contains(page, "\ntbc_database_up 1\n") || !strings.Contains(page, `tbc_webhook_queue_deliveries{state="due"} 7`) {
			t.Errorf("after it healed: %s", page)
		}
	})
}

// What lasts as long as a client likes would drown every other duration.
func TestMetrics_StreamsAreCountedAndNotTimed(t *testing.T) {
	t.Parallel()
	m := metrics.New(metrics.Config{Source: &source{}, Now: func() time.Time { return time.Time{} }})
	closed := m.StreamOpened()
	if !strings.Contains(scrape(t, m), "\ntbc_event_streams_open 1\n") {
		t.Error("an open stream is not shown")
	}
	closed()
	m.Answered(metrics.Request{Route: "/stream", Method: "GET", Status: 200, Took: time.Hour, Stream: true})
	page := scrape(t, m)
	if !strings.Contains(page, "\ntbc_event_streams_open 0\n") || strings.Contains(page, "tbc_http_request_duration_seconds_count") ||
		!strings.Contains(page, `tbc_http_requests_total{method="GET",route="/stream",status="200"} 1`) {
		t.Errorf("after a stream: %s", page)
	}
}
