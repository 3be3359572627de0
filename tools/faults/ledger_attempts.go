package main

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// wakeGrace is how long after it was continued a process may still send what it had claimed before.
	wakeGrace = 3 * time.Second
	// faultGrace is how long a fault may still show in attempts: as long as an attempt may take, and a bit.
	faultGrace = 17 * time.Second
)

// checkAttempts: the log agrees with the journal. Attempts are numbered without gaps, each happened as it says, and
// each was recorded by whoever held it last: a completion that came too late changed nothing.
func (l *ledger) checkAttempts() {
	disturbed := map[string]bool{} // by a redelivery: its attempt may overtake one of a row that was removed
	for _, op := range l.ops {
		if op.Kind == kindRedeliver {
			disturbed[op.Target] = true
		}
	}
	for i := range l.deliveries {
		d := &l.deliveries[i]
		l.figures.attempts += len(d.Attempts)
		if len(d.Attempts) != d.AttemptCount {
			l.wrong("%s counts %d attempts, and its log has %d", d.ID, d.AttemptCount, len(d.Attempts))
		}
		for place, a := range d.Attempts {
			if want := len(d.Attempts) - place; a.Number != want {
				l.wrong("%s has the attempt %d in the place of %d", d.ID, a.Number, want)
			}
			l.checkAttempt(d, a, disturbed[d.ID])
		}
		l.checkUnlogged(d)
	}
}

// checkAttempt finds the request of an attempt, compares the answers, and looks for a later holder.
func (l *ledger) checkAttempt(d *delivery, a attempt, disturbed bool) {
	sender, signed := l.author(a)
	var own *request
	for i := range l.byHook[d.ID] {
		r := &l.byHook[d.ID][i]
		if r.Attempt == a.Number && r.Sender == sender && r.Signed == signed {
			own = r
		}
	}
	if own == nil {
		if a.StatusCode != nil {
			l.wrong("%s, attempt %d by %s: the log has the answer %d, but no such request arrived", d.ID, a.Number, sender, *a.StatusCode)
		} else if !l.faults.hit(sender, a.At.Add(-faultGrace), a.At.Add(faultGrace)) {
			l.wrong("%s, attempt %d by %s at %s: %s, and nothing had happened to explain it", d.ID, a.Number, sender, clock(a.At), text(a.Error))
		}
		return
	}
	if a.StatusCode != nil && *a.StatusCode != own.Answer {
		l.wrong("%s, attempt %d by %s: the log has the answer %d, the receiver gave %d", d.ID, a.Number, sender, *a.StatusCode, own.Answer)
	}
	if disturbed {
		return
	}
	for _, r := range l.byHook[d.ID] {
		later := r.Attempt == a.Number && r.Time.After(own.Time) && (r.Sender != sender || r.Signed != signed)
		if later && !l.faults.stoppedUntil(r.Sender, r.Time, wakeGrace) {
			l.wrong("stale completion: %s, attempt %d was sent by %s at %s and again by %s at %s, who held it since, "+
				"but the log has what the first was told (%s)",
				d.ID, a.Number, sender, clock(own.Time), r.Sender, clock(r.Time), told(a))
		}
	}
}

// author is the life that made an attempt, and its signature's time: both stand in the headers that were kept.
func (l *ledger) author(a attempt) (sender string, signed int64) {
	_, site, _ := strings.Cut(a.RequestHeaders["User-Agent"], "(+http://")
	sender, _, _ = strings.Cut(site, ".")
	t, _, _ := strings.Cut(strings.TrimPrefix(a.RequestHeaders["X-TBC-Signature"], "t="), ",")
	signed, _ = strconv.ParseInt(t, 10, 64) // 0 fits no request
	return sender, signed
}

// checkUnlogged: what arrived and is not in the log is explained by a later copy of itself, or by an end that came
// while it was under way.
func (l *ledger) checkUnlogged(d *delivery) {
	for _, r := range l.byHook[d.ID] {
		if r.Attempt <= d.AttemptCount || d.Status == "canceled" {
			continue
		}
		l.wrong("%s, attempt %d by %s arrived at %s and was answered %d, but the log ends with %d",
			d.ID, r.Attempt, r.Sender, clock(r.Time), r.Answer, d.AttemptCount)
	}
}

// count adds up what is printed. A duplicate is a request for an attempt that another request was made for as well.
func (l *ledger) count() {
	f := &l.figures
	f.operations, f.events, f.deliveries, f.requests = len(l.ops), len(l.events), len(l.deliveries), len(l.requests)
	for _, op := range l.ops {
		if !op.answered() {
			f.unanswered++
		} else if op.Tries > 1 {
			f.repeated++
		}
	}
	for _, requests := range l.byHook {
		last := map[int]request{}
		for _, r := range requests {
			if first, again := last[r.Attempt]; again && first.Answer != http.StatusUnauthorized { // that one is repeated at once
				f.duplicates++
				if !first.Late && !l.faults.hit(first.Sender, first.Time.Add(-faultGrace), r.Time) {
					f.unexplained++
				}
			}
			last[r.Attempt] = r
		}
	}
	for _, hit := range l.faults.all() {
		for _, r := range l.requests {
			if (hit.life == "" || hit.life == r.Sender) && !r.Time.After(hit.to) && r.Done.Add(time.Second).After(hit.from) {
				f.inFlight++
			}
		}
	}
}

func text(t *string) string {
	if t == nil {
		return "no answer"
	}
	return *t
}

func told(a attempt) string {
	if a.StatusCode == nil {
		return text(a.Error)
	}
	return strconv.Itoa(*a.StatusCode)
}
