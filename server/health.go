package server

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/store"
)

const (
	// readinessAge is how long one look at the database serves every prober.
	readinessAge = time.Second
	// readinessTimeout bounds that look; a database that is slower is not ready.
	readinessTimeout = 3 * time.Second
	// maxClockSkew is how far this clock may be from the database's. Receivers of
	// webhooks refuse signatures that are 300 seconds off.
	maxClockSkew = 30 * time.Second
	// maxQueueAge is how long the oldest due delivery may wait before the report calls the queue late.
	maxQueueAge = time.Minute
	// maxStalledAge is how long deliveries may wait that nobody sends. From then on a process that should send them
	// is not ready. It is far above what a restart, a lost lease or a full claim makes anybody wait.
	maxStalledAge = 5 * time.Minute
)

// readiness says whether this process should get traffic.
//
// A queue that is late turns health red without handing the API to whoever owns a slow receiver. All deliveries
// count as late, held back by their endpoint's cap or not, and the report is no longer healthy. But an endpoint that
// hangs makes its own deliveries late for hours, and no customer may take everybody's API out of a load balancer so.
// Only when deliveries stall, due and cared for by nobody, is a process that should send them not ready: 503, and the
// report names it. Who sends traffic and would rather serve calls without webhooks asks /readyz?exclude=queue.
type readiness struct {
	store    *store.Store
	delivers bool // whether the process sends webhooks
	now      func() time.Time
	stopping atomic.Bool

	mu     sync.Mutex
	lookAt time.Time
	lastly readinessReport
}

// readinessReport is the body of /readyz. It names what is wrong, not why:
// causes belong to the log.
type readinessReport struct {
	Ready      bool   `json:"ready"`   // send traffic
	Healthy    bool   `json:"healthy"` // nothing below is wrong
	Stopping   bool   `json:"stopping"`
	Database   string `json:"database"`
	Migrations string `json:"migrations"`
	Clock      string `json:"clock"`
	Queue      string `json:"queue"` // ok, late by or stalled for so long

	queueRed bool // whether the queue alone makes the process not ready
}

func newReadiness(opened *store.Store, now func() time.Time, delivers bool) *readiness {
	return &readiness{store: opened, now: now, delivers: delivers}
}

// report looks at the database at most once a second, whoever asks.
func (r *readiness) report(ctx context.Context) readinessReport {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); r.lookAt.IsZero() || now.Sub(r.lookAt) >= readinessAge || now.Before(r.lookAt) {
		// The first prober's hanging up must not be everybody's bad news.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), readinessTimeout)
		defer cancel()
		r.lookAt, r.lastly = now, r.look(bounded)
	}
	current := r.lastly
	current.Stopping = r.stopping.Load()
	current.Ready = current.Ready && !current.Stopping
	current.Healthy = current.Ready && current.Queue == "ok"
	return current
}

func (r *readiness) look(ctx context.Context) readinessReport {
	report := readinessReport{Database: "unreachable", Migrations: "unknown", Clock: "unknown", Queue: "unknown"}
	if err := r.store.Ping(ctx); err != nil {
		return report
	}
	report.Database = "ok"
	if pending, err := r.store.PendingMigrations(ctx); err == nil {
		report.Migrations = "ok"
		if len(pending) > 0 {
			report.Migrations = "pending"
		}
	}
	if theirs, err := r.store.Clock(ctx); err == nil {
		report.Clock = "ok"
		if skew := r.now().Sub(theirs).Abs(); skew > maxClockSkew {
			report.Clock = "skewed by " + skew.Round(time.Second).String()
		}
	}
	report.Queue, report.queueRed = r.queue(ctx)
	report.Ready = report.Migrations == "ok" && report.Clock == "ok"
	return report
}

// queue tells how the queue does, and whether this process is to be called not ready for it.
func (r *readiness) queue(ctx context.Context) (is string, red bool) {
	_, in, _, err := r.store.NextDue(ctx)
	if err != nil {
		return "unknown", false
	}
	late := -in
	if late <= maxQueueAge {
		return "ok", false
	}
	if late > maxStalledAge {
		stalled, err := r.store.Stalled(ctx)
		if err != nil {
			return "unknown", false
		}
		if stalled > maxStalledAge {
			return "stalled for " + stalled.Round(time.Second).String(), r.delivers
		}
	}
	return "late by " + late.Round(time.Second).String(), false
}

// healthz says that the process answers, and nothing about anything else: a
// process must not be restarted because its database is away.
func healthz(c echo.Context) error {
	return writeJSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether to send traffic here. With ?exclude=queue, as Kubernetes spells it, the queue is reported and
// does not count.
func (a *API) readyz(c echo.Context) error {
	report := a.readiness.report(c.Request().Context())
	if report.queueRed && !slices.Contains(c.QueryParams()["exclude"], "queue") {
		report.Ready = false
	}
	status := http.StatusOK
	if !report.Ready {
		status = http.StatusServiceUnavailable
	}
	return writeJSON(c, status, report)
}
