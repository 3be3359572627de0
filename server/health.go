package server

import (
	"context"
	"net/http"
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
)

// readiness says whether this process should get traffic.
type readiness struct {
	store    *store.Store
	now      func() time.Time
	stopping atomic.Bool

	mu     sync.Mutex
	lookAt time.Time
	lastly readinessReport
}

// readinessReport is the body of /readyz. It names what is wrong, not why:
// causes belong to the log.
type readinessReport struct {
	Ready      bool   `json:"ready"`
	Stopping   bool   `json:"stopping"`
	Database   string `json:"database"`
	Migrations string `json:"migrations"`
	Clock      string `json:"clock"`
	// Queue is for whoever watches: a late queue refuses no traffic, which would mend nothing.
	Queue string `json:"queue"`
}

func newReadiness(opened *store.Store, now func() time.Time) *readiness {
	return &readiness{store: opened, now: now}
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
	if _, in, _, err := r.store.NextDue(ctx); err == nil {
		report.Queue = "ok"
		if in < -maxQueueAge {
			report.Queue = "late by " + (-in).Round(time.Second).String()
		}
	}
	report.Ready = report.Migrations == "ok" && report.Clock == "ok"
	return report
}

// healthz says that the process answers, and nothing about anything else: a
// process must not be restarted because its database is away.
func healthz(c echo.Context) error {
	return writeJSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether to send traffic here.
func (a *API) readyz(c echo.Context) error {
	report := a.readiness.report(c.Request().Context())
	status := http.StatusOK
	if !report.Ready {
		status = http.StatusServiceUnavailable
	}
	return writeJSON(c, status, report)
}
