// Package metrics counts what the service does and shows it to Prometheus under /metrics.
//
// Labels are bounded: a route's template, a method, a status, an outcome. Nothing names a workspace, a key, a person
// or a URL, so that the page holds no secret and does not grow with the number of tenants. README.md beside this
// file lists every metric and the alerts made of them.
package metrics

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Config says what is shown. Source and Now are required.
type Config struct {
	Source   Source
	Now      func() time.Time
	Log      *slog.Logger // nil is silence
	Version  string
	Revision string
}

// Metrics are those of one process. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	database *database
	requests
	deliveries
}

// New makes the metrics of a process, all at zero: a counter that appears only with its first event is one that no
// alert can see rise.
func New(cfg Config) *Metrics {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(), database: newDatabase(cfg), requests: newRequests(), deliveries: newDeliveries(),
	}
	build := gaugeVec("build_info", "1, with what this program was built from.", "version", "revision")
	build.WithLabelValues(cfg.Version, cfg.Revision).Set(1)
	m.registry.MustRegister(build, m.database,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.requests.all()...)
	m.registry.MustRegister(m.deliveries.all()...)
	return m
}

// Handler shows the metrics. What comes from the database is read now, within a bounded time.
func (m *Metrics) Handler() http.Handler {
	page := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.database.look(r.Context())
		page.ServeHTTP(w, r)
	})
}

// namespace is the beginning of every name.
const namespace = "tbc"

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
}

// counterVec is a counter by one label, whose values are known: each is there from the start.
func counterVec(name, help, label string, values ...string) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, []string{label})
	for _, value := range values {
		vec.WithLabelValues(value)
	}
	return vec
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}

func gaugeVec(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
}
