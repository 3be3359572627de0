package main

import (
	"slices"
	"time"
)

// mark is an event as the ledger knows it in advance: what kind, about which object, and at which moment. All that one
// transaction writes bears its time, to the microsecond, and no two transactions of a workspace bear the same. So
// an answer, an object and an event that show one time are of one change.
type mark struct {
	kind, id string
	at       int64 // Unix microseconds
}

func markOf(e event) mark { return mark{e.Type, e.Data.ID, e.CreatedAt.UnixMicro()} }

// claims are marks that must be in the feed, each with who says so.
type claims map[mark]string

func (c claims) add(kind, id string, at *time.Time, who string) {
	if at != nil && id != "" {
		c[mark{kind, id, at.UnixMicro()}] = who
	}
}

// checkEvents: every change has its events, once, and every event has its change.
func (l *ledger) checkEvents() {
	due := claims{}
	for _, op := range l.ops {
		if op.acknowledged() {
			l.claimAnswer(due, op)
		}
	}
	l.claimState(due)
	for m, who := range due {
		if l.inFeed[m] == 0 {
			l.lose("%s of %s at %s: %s, but there is no event", m.kind, m.id, clock(time.UnixMicro(m.at)), who)
		}
	}
	for m, n := range l.inFeed {
		if n > 1 {
			l.wrong("%s of %s at %s is told of %d times", m.kind, m.id, clock(time.UnixMicro(m.at)), n)
		}
		if due[m] == "" && !l.excused(m) {
			l.wrong("%s of %s at %s is told of, but nothing of it happened: its change was rolled back", m.kind, m.id, clock(time.UnixMicro(m.at)))
		}
	}
}

// claimAnswer adds what an acknowledged operation must have caused. What an answer shows that is older than the call
// was there before: then the call changed nothing.
func (l *ledger) claimAnswer(due claims, op *operation) {
	o, who := op.Answer, op.Kind+" was acknowledged"
	fresh := func(at *time.Time) *time.Time {
		if at == nil || at.Before(op.Sent.Add(-slack)) {
			return nil
		}
		return at
	}
	switch op.Kind {
	case kindStudent:
		due.add("student.created", o.ID, fresh(o.CreatedAt), who)
	case kindUpdate:
		due.add("student.updated", o.ID, fresh(o.UpdatedAt), who)
	case kindErase:
		due.add("student.deleted", o.ID, fresh(o.DeletedAt), who)
	case kindEnroll:
		if op.Status == 201 {
			due.add("enrollment.created", o.ID, fresh(o.UpdatedAt), who)
		}
	case kindBatch:
		for _, item := range op.Many {
			if e := item.Enrollment; e != nil && (item.Status == "created" || item.Status == "reinstated") {
				due.add("enrollment.created", e.ID, fresh(e.UpdatedAt), who)
			}
		}
	case kindRevoke:
		if !l.erasedAt(o.StudentID, o.RevokedAt) {
			due.add("enrollment.revoked", o.ID, fresh(o.RevokedAt), who)
		}
	case kindOrder:
		due.add("order.paid", o.ID, fresh(o.CreatedAt), who)
	case kindRefund:
		if op.Status == 201 && !o.Test && len(o.Refunds) > 0 {
			due.add("order.refunded", o.ID, fresh(&o.Refunds[0].CreatedAt), who)
		}
	case kindPublish:
		due.add("course.published", o.ID, fresh(o.PublishedAt), who)
	case kindArchive:
		due.add("course.archived", o.ID, fresh(o.ArchivedAt), who)
	case kindStart:
		due.add("live_session.started", o.ID, fresh(o.StartedAt), who)
	case kindEnd:
		due.add("live_session.ended", o.ID, fresh(o.EndedAt), who)
	case kindRecording:
		due.add("recording.ready", o.ID, fresh(o.CreatedAt), who)
	case kindCertificate:
		due.add("certificate.issued", o.ID, fresh(o.IssuedAt), who)
	}
}

// historyBound is how many entries of its history an enrollment shows.
const historyBound = 20

// claimState adds what the objects themselves say has happened, whether or not anybody was told that it did.
func (l *ledger) claimState(due claims) {
	for _, o := range l.students {
		due.add("student.created", o.ID, o.CreatedAt, "the student exists")
	}
	for _, o := range l.enrollments {
		for _, h := range o.History {
			switch h.Action {
			case "enrolled", "reinstated":
				due.add("enrollment.created", o.ID, &h.At, "the history says "+h.Action)
			case "revoked", "expired":
				if !l.erasedAt(o.StudentID, &h.At) {
					due.add("enrollment.revoked", o.ID, &h.At, "the history says "+h.Action)
				}
			}
		}
	}
	for _, o := range l.orders {
		if o.Test {
			continue
		}
		due.add("order.paid", o.ID, o.CreatedAt, "the order exists")
		for _, refund := range o.Refunds {
			due.add("order.refunded", o.ID, &refund.CreatedAt, "the order shows "+refund.ID)
		}
	}
	for _, o := range l.courses {
		due.add("course.published", o.ID, o.PublishedAt, "the course is published")
		due.add("course.archived", o.ID, o.ArchivedAt, "the course is archived")
	}
	for _, o := range l.sessions {
		due.add("live_session.started", o.ID, o.StartedAt, "the session has started")
		due.add("live_session.ended", o.ID, o.EndedAt, "the session has ended")
	}
	for _, o := range l.recordings {
		due.add("recording.ready", o.ID, o.CreatedAt, "the recording exists")
	}
	for _, o := range l.certificates {
		due.add("certificate.issued", o.ID, o.IssuedAt, "the certificate exists")
	}
}

// erasedAt reports whether the student was erased at just that moment: erasure ends places without events.
func (l *ledger) erasedAt(studentID string, at *time.Time) bool {
	erased, ok := l.deleted[studentID]
	return ok && at != nil && erased == at.UnixMicro()
}

// excused reports whether an event may stand although no object shows its change any more: its student was erased,
// or nobody answered the call that made it and the object does not keep the time.
func (l *ledger) excused(m mark) bool {
	erased := l.deleted[m.id]
	switch m.kind {
	case "student.created":
		return erased >= m.at
	case "student.updated":
		return l.unanswered(kindUpdate, m)
	case "student.deleted":
		return l.unanswered(kindErase, m) && !slices.ContainsFunc(l.students, func(o object) bool { return o.ID == m.id })
	case "enrollment.created", "enrollment.revoked":
		return slices.ContainsFunc(l.enrollments, func(o object) bool { return o.ID == m.id && len(o.History) == historyBound })
	}
	return false
}

// unanswered finds a call that may have made an event without ever being answered.
func (l *ledger) unanswered(kind string, m mark) bool {
	return slices.ContainsFunc(l.ops, func(op *operation) bool {
		return op.Kind == kind && op.Target == m.id && (!op.answered() || op.Tries > 1) && op.Sent.Add(-slack).UnixMicro() <= m.at
	})
}

// checkNames: a student has the name that the last event about it tells. So a rename that was never answered has
// either happened and been told, or neither.
func (l *ledger) checkNames() {
	last := map[string]event{}
	for _, e := range l.events {
		if e.Type == "student.created" || e.Type == "student.updated" {
			last[e.Data.ID] = e
		}
	}
	for _, o := range l.students {
		if e, told := last[o.ID]; told && e.Data.DisplayName != o.DisplayName {
			l.lose("%s is called %q, but the last event about it, %s, says %q", o.ID, o.DisplayName, e.ID, e.Data.DisplayName)
		}
	}
}

// checkOnce: a call that was repeated under its Idempotency-Key was carried out once. Titles are drawn at random, and
// nothing but the key keeps two courses or sessions from having the same.
func (l *ledger) checkOnce() {
	titles := map[string]string{}
	for _, o := range slices.Concat(l.courses, l.sessions) {
		if first := titles[o.Title]; first != "" {
			l.wrong("%s and %s come of one call: its repeat under the same Idempotency-Key was carried out again", first, o.ID)
		}
		titles[o.Title] = o.ID
	}
}
