package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thebigclass/api/store"
)

// Source is the part of the store that is watched.
type Source interface {
	Figures(ctx context.Context) (store.Figures, error)
	Clock(ctx context.Context) (time.Time, error)
	Pools() []store.Pool
}

const (
	// lookTimeout bounds a look at the database: a scrape shows the rest however the database does.
	lookTimeout = 2 * time.Second
	// lookAge is how long a look serves every scrape. One that took long serves ten times as long as it took, so
	// that watching is never more than a tenth of anybody's work.
	lookAge  = time.Second
	lookRest = 10
)

// database shows what the database says of the whole service, and the pools of this process.
type database struct {
	source Source
	now    func() time.Time
	log    *slog.Logger

	turn     chan struct{} // holds one token: whoever has it looks, and the rest wait for the answer
	lookedAt time.Time
	fresh    time.Duration // how long the last look serves

	mu   sync.Mutex
	seen seen
}

// seen is a look at the database.
type seen struct {
	up      bool
	figures store.Figures
	skew    time.Duration
}

func newDatabase(cfg Config) *database {
	return &database{source: cfg.Source, now: cfg.Now, log: cfg.Log, turn: make(chan struct{}, 1)}
}

// look asks the database unless that was done a moment ago. Who scrapes meanwhile waits for the answer: the same for
// all, bad news included.
func (d *database) look(ctx context.Context) {
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	started := d.now()
	if since := started.Sub(d.lookedAt); !d.lookedAt.IsZero() && since >= 0 && since < d.fresh {
		return
	}
	// One scraper's hanging up must not be everybody's bad news.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	found, err := d.ask(bounded)
	if err != nil {
		d.log.WarnContext(ctx, "metrics of the database not read", "error", err.Error())
	}
	d.mu.Lock()
	d.seen = found
	d.mu.Unlock()
	d.lookedAt = d.now()
	d.fresh = max(lookAge, lookRest*d.lookedAt.Sub(started))
}

func (d *database) ask(ctx context.Context) (seen, error) {
	theirs, err := d.source.Clock(ctx)
	if err != nil {
		return seen{}, err
	}
	skew := d.now().Sub(theirs)
	figures, err := d.source.Figures(ctx)
	if err != nil {
		return seen{}, err
	}
	return seen{up: true, figures: figures, skew: skew}, nil
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

var (
	descUp        = describe("database_up", "1 if the database told its figures in time; without it, those of the queue, endpoints, e-mails and clock are missing.")
	descSkew      = describe("clock_skew_seconds", "How far this process's clock is ahead of the database's.")
	descOldest    = describe("webhook_queue_oldest_due_age_seconds", "For how long the oldest due delivery has been due, held back by its endpoint's cap or not.")
	descStalled   = describe("webhook_queue_stalled_age_seconds", "The same of the deliveries to endpoints that nothing was sent to for a minute; 0 while endpoints are merely slow.")
	descQueue     = describe("webhook_queue_deliveries", "Deliveries in the queue: due, leased (under way), scheduled (a retry planned for later). 100000 means that or more.", "state")
	descFailing   = describe("webhook_endpoints_failing", "Active endpoints whose last attempt failed.")
	descDisabled  = describe("webhook_endpoints_disabled", "Disabled endpoints, by reason.", "reason")
	descRecover   = describe("webhook_recoveries_unfinished", "Recoveries that have not ended.")
	descMissed    = describe("webhook_deliveries_recovering", "Deliveries of recoveries that are not final. 100000 means that or more.")
	descEmails    = describe("emails_waiting", "E-mails that are still to be sent. 100000 means that or more.")
	descEmailAge  = describe("email_oldest_due_age_seconds", "For how long the oldest due e-mail has been due.")
	descInUse     = describe("database_connections_in_use", "Connections in use, by pool.", "pool")
	descMost      = describe("database_connections_max", "Connections that a pool may have.", "pool")
	descWaits     = describe("database_connection_waits_total", "How often somebody waited for a connection.", "pool")
	descWaited    = describe("database_connection_wait_seconds_total", "Time that was waited for connections.", "pool")
	allOfDatabase = []*prometheus.Desc{
		descUp, descSkew, descOldest, descStalled, descQueue, descFailing, descDisabled, descRecover, descMissed, descEmails, descEmailAge, descInUse,
		descMost, descWaits, descWaited,
	}
)

// Describe implements prometheus.Collector.
func (d *database) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range allOfDatabase {
		to <- desc
	}
}

// Collect implements prometheus.Collector with what the last look has seen.
func (d *database) Collect(to chan<- prometheus.Metric) {
	d.mu.Lock()
	last := d.seen
	d.mu.Unlock()
	show := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	for _, pool := range d.source.Pools() {
		show(descInUse, float64(pool.InUse), pool.Name)
		show(descMost, float64(pool.Most), pool.Name)
		to <- prometheus.MustNewConstMetric(descWaits, prometheus.CounterValue, float64(pool.Waits), pool.Name)
		to <- prometheus.MustNewConstMetric(descWaited, prometheus.CounterValue, pool.Waited.Seconds(), pool.Name)
	}
	if !last.up {
		show(descUp, 0)
		return
	}
	show(descUp, 1)
	show(descSkew, last.skew.Seconds())
	show(descOldest, last.figures.Oldest.Seconds())
	show(descStalled, last.figures.Stalled.Seconds())
	show(descQueue, float64(last.figures.Due), "due")
	show(descQueue, float64(last.figures.Leased), "leased")
	show(descQueue, float64(last.figures.Scheduled), "scheduled")
	show(descFailing, float64(last.figures.Failing))
	show(descDisabled, float64(last.figures.DisabledFailing), store.DisabledFailing)
	show(descDisabled, float64(last.figures.DisabledManual), store.DisabledManually)
	show(descRecover, float64(last.figures.Recoveries))
	show(descMissed, float64(last.figures.Recovered))
	show(descEmails, float64(last.figures.Emails))
	show(descEmailAge, last.figures.OldestEmail.Seconds())
}
