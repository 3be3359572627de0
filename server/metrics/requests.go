package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requests is what a process has answered, beside /api/v1 too.
type requests struct {
	answered *prometheus.CounterVec
	took     *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	unknown  prometheus.Counter
	faults   prometheus.Counter
	panics   prometheus.Counter
	streams  prometheus.Gauge
	dropped  *prometheus.CounterVec
}

// Window names a limit that refused a call.
type Window string

// The windows. Calls without a good key draw on one of their client's address.
const (
	Minute    Window = "minute"
	Day       Window = "day"
	Anonymous Window = "anonymous"
)

// What requests are missing in when the database did not take them for too long.
const (
	droppedLog    = "log"
	droppedCounts = "counts"
)

// requestSeconds reach from an answer known by the workspace's version to the end of what a client waits for.
var requestSeconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newRequests() requests {
	return requests{
		answered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total", Help: "Requests answered, by the template of the route (none: no such path), method and status.",
		}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_duration_seconds", Help: "Time from a request's arrival to the end of its answer. Streams are left out.",
			Buckets: requestSeconds,
		}, []string{"route", "method"}),
		refused: counterVec("rate_limit_refusals_total", "Calls answered 429, by the window that had nothing left.",
			"window", string(Minute), string(Day), string(Anonymous)),
		unknown: counter("authentication_failures_total", "Calls without a key that is good at the moment."),
		faults:  counter("internal_errors_total", "Requests that failed for a fault of ours, panics included."),
		panics:  counter("panics_total", "Requests whose handling panicked."),
		streams: gauge("event_streams_open", "Event streams that are open on this process."),
		dropped: counterVec("request_log_dropped_total", "Requests that are missing in what workspaces see of their keys: in the log, or in the counts.",
			"from", droppedLog, droppedCounts),
	}
}

func (r *requests) all() []prometheus.Collector {
	return []prometheus.Collector{r.answered, r.took, r.refused, r.unknown, r.faults, r.panics, r.streams, r.dropped}
}

// Request is a request that was answered.
type Request struct {
	Route  string // the template; "" if there is nothing at the path
	Method string // one of HTTP's own, or "other"
	Status int
	Took   time.Duration
	Stream bool // an answer that lasts as long as its client likes
}

// Answered counts a request.
func (r *requests) Answered(is Request) {
	if is.Route == "" {
		is.Route = "none"
	}
	r.answered.WithLabelValues(is.Route, is.Method, strconv.Itoa(is.Status)).Inc()
	if !is.Stream {
		r.took.WithLabelValues(is.Route, is.Method).Observe(is.Took.Seconds())
	}
}

// Refused counts a 429.
func (r *requests) Refused(window Window) { r.refused.WithLabelValues(string(window)).Inc() }

// Unauthenticated counts a call without a good key, whatever it was answered.
func (r *requests) Unauthenticated() { r.unknown.Inc() }

// Failed counts a fault of ours.
func (r *requests) Failed(panicked bool) {
	r.faults.Inc()
	if panicked {
		r.panics.Inc()
	}
}

// StreamOpened counts an event stream as open until closed is called, once.
func (r *requests) StreamOpened() (closed func()) {
	r.streams.Inc()
	return r.streams.Dec
}

// Unrecorded counts requests that the log of keys, and their counts, had to do without.
func (r *requests) Unrecorded(fromLog, fromCounts int64) {
	r.dropped.WithLabelValues(droppedLog).Add(float64(fromLog))
	r.dropped.WithLabelValues(droppedCounts).Add(float64(fromCounts))
}
