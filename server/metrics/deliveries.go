package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// deliveries is what a process has sent: webhooks and e-mails.
type deliveries struct {
	attempts   *prometheus.CounterVec
	attempt    prometheus.Histogram
	claimed    prometheus.Counter
	claim      prometheus.Histogram
	completion prometheus.Histogram
	expiries   prometheus.Counter
	fenced     prometheus.Counter
	emails     *prometheus.CounterVec
}

// Outcome says how an attempt ended.
type Outcome string

// The outcomes of an attempt.
const (
	Succeeded Outcome = "succeeded"
	Retried   Outcome = "retry"  // it failed, and there will be another
	Failed    Outcome = "failed" // it failed, and there will be none
	Cut       Outcome = "cut"    // our own stop ended it: it does not count, and is made again
)

// EmailOutcome says what came of an e-mail.
type EmailOutcome string

// The outcomes of an e-mail.
const (
	EmailSent    EmailOutcome = "sent"
	EmailKept    EmailOutcome = "kept" // no mail server is configured
	EmailRetried EmailOutcome = "retry"
	EmailFailed  EmailOutcome = "failed" // given up
)

var (
	attemptSeconds  = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}
	databaseSeconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}
)

func newDeliveries() deliveries {
	return deliveries{
		attempts: counterVec("webhook_attempts_total", "Attempts to deliver, by how they ended.",
			"outcome", string(Succeeded), string(Retried), string(Failed), string(Cut)),
		attempt:    histogram("webhook_attempt_duration_seconds", "Time of an attempt, from dialling to the end of what is read.", attemptSeconds),
		claimed:    counter("webhook_claims_total", "Deliveries claimed for an attempt."),
		claim:      histogram("webhook_claim_duration_seconds", "Time to claim a group of due deliveries.", databaseSeconds),
		completion: histogram("webhook_completion_duration_seconds", "Time to record a group of attempts.", databaseSeconds),
		expiries:   counter("webhook_lease_expiries_total", "Deliveries claimed anew because whoever had claimed them before did not finish within the lease."),
		fenced:     counter("webhook_fenced_completions_total", "Attempts that were not recorded because the delivery was no longer the claimer's."),
		emails: counterVec("emails_total", "E-mails handled, by what came of it.",
			"outcome", string(EmailSent), string(EmailKept), string(EmailRetried), string(EmailFailed)),
	}
}

func (d *deliveries) all() []prometheus.Collector {
	return []prometheus.Collector{d.attempts, d.attempt, d.claimed, d.claim, d.completion, d.expiries, d.fenced, d.emails}
}

// Claimed counts a claim of n deliveries, of which the leases of so many had run out.
func (d *deliveries) Claimed(n, expired int, took time.Duration) {
	d.claimed.Add(float64(n))
	d.expiries.Add(float64(expired))
	d.claim.Observe(took.Seconds())
}

// Attempted counts an attempt.
func (d *deliveries) Attempted(outcome Outcome, took time.Duration) {
	d.attempts.WithLabelValues(string(outcome)).Inc()
	d.attempt.Observe(took.Seconds())
}

// Completed counts the recording of a group, of which so many attempts were too late to be heard.
func (d *deliveries) Completed(fenced int, took time.Duration) {
	d.fenced.Add(float64(fenced))
	d.completion.Observe(took.Seconds())
}

// Email counts an e-mail by what came of it.
func (d *deliveries) Email(outcome EmailOutcome) { d.emails.WithLabelValues(string(outcome)).Inc() }
