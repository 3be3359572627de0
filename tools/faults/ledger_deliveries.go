package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// checkBytes: all requests of an event brought the bytes that are stored. An event whose student was erased had other
// bytes before, the same ones in all requests.
func (l *ledger) checkBytes() {
	before := map[string]string{}
	for _, r := range l.requests {
		e := l.byEvent[r.Event]
		if e == nil {
			continue // a test, or reported already
		}
		switch stored := hash(e.raw); {
		case r.SHA256 == stored:
		case !e.erased():
			l.wrong("%s brought other bytes of %s (%s) than are stored", r.Delivery, e.ID, e.Type)
		case before[e.ID] != "" && before[e.ID] != r.SHA256:
			l.wrong("%s brought a third version of %s (%s), which was erased once", r.Delivery, e.ID, e.Type)
		default:
			before[e.ID] = r.SHA256
		}
	}
	for _, e := range l.events {
		if student := l.student(e); e.erased() && l.deleted[student] == 0 {
			l.wrong("%s (%s) is erased, but its student %q was not", e.ID, e.Type, student)
		}
	}
}

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// student is whom an event is about, also after the event itself has forgotten.
func (l *ledger) student(e event) string {
	find := func(in []object) string {
		i := slices.IndexFunc(in, func(o object) bool { return o.ID == e.Data.ID })
		if i < 0 {
			return ""
		}
		return in[i].StudentID
	}
	switch kind, _, _ := strings.Cut(e.Type, "."); kind {
	case "student":
		return e.Data.ID
	case "enrollment":
		return find(l.enrollments)
	case "certificate":
		return find(l.certificates)
	case "order":
		if e.Data.Customer.StudentID != nil {
			return *e.Data.Customer.StudentID
		}
	}
	return ""
}

// pairOf names an event on its way to an endpoint.
type pairOf struct{ event, endpoint string }

// checkDeliveries: every endpoint has received every event that it was subscribed to, unless its journal shows why
// not, and nothing else.
func (l *ledger) checkDeliveries() {
	byPair := map[pairOf]*delivery{}
	for i := range l.deliveries {
		d := &l.deliveries[i]
		key := pairOf{d.EventID, d.EndpointID}
		if byPair[key] != nil {
			l.wrong("%s and %s are both of %s to %s", byPair[key].ID, d.ID, d.EventID, d.EndpointID)
		}
		byPair[key] = d
	}
	for i := range l.events {
		e := &l.events[i]
		for _, p := range l.manager.list {
			active, known := p.activeAt(e.CreatedAt)
			d := byPair[pairOf{e.ID, p.id}]
			switch {
			case d != nil && known && (!active || !p.wants(e.Type)):
				l.wrong("%s of %s (%s) is for %s, which had not subscribed to it at %s", d.ID, e.ID, e.Type, p.path, clock(e.CreatedAt))
			case d != nil:
				l.checkDelivery(e, p, d)
			case known && active && p.wants(e.Type):
				l.lose("%s (%s) at %s was never queued for %s (%s)", e.ID, e.Type, clock(e.CreatedAt), p.path, p.id)
			}
		}
	}
}

// checkDelivery asks for the receiver's word, or for the reason why there is none.
func (l *ledger) checkDelivery(e *event, p *endpoint, d *delivery) {
	took := slices.ContainsFunc(l.byHook[d.ID], request.took)
	switch d.Status {
	case "succeeded":
		if !took {
			l.lose("%s of %s (%s) to %s is said to have succeeded, but the receiver never took it", d.ID, e.ID, e.Type, p.path)
		}
	case "failed":
		l.checkFailed(e, p, d, took)
	case "canceled":
		l.figures.canceled++
		if erased := l.deleted[l.student(*e)]; !took && !p.endedAfter(e.CreatedAt) && (erased == 0 || e.Type == "student.deleted") {
			l.lose("%s of %s (%s) to %s is canceled, and nobody disabled the endpoint or erased the student", d.ID, e.ID, e.Type, p.path)
		}
	default:
		l.lose("%s of %s (%s) to %s is still %s after the queue has drained", d.ID, e.ID, e.Type, p.path, d.Status)
	}
}

// checkFailed: a delivery fails by a final answer, or when all attempts of its schedule have failed.
func (l *ledger) checkFailed(e *event, p *endpoint, d *delivery, took bool) {
	if len(d.Attempts) == 0 {
		l.lose("%s of %s (%s) to %s failed without an attempt", d.ID, e.ID, e.Type, p.path)
		return
	}
	last := d.Attempts[0]
	if last.StatusCode != nil && *last.StatusCode == http.StatusUnauthorized && !took {
		l.lose("%s of %s (%s) to %s failed at %s, because the receiver had changed over to a new secret within the overlap",
			d.ID, e.ID, e.Type, p.path, clock(last.At))
		return
	}
	if last.StatusCode != nil && finalStatus(*last.StatusCode) {
		l.figures.final++
		return // that the receiver said so is checked with the attempts
	}
	failures := 0
	for _, a := range d.Attempts {
		if a.StatusCode != nil && (*a.StatusCode < 300 || finalStatus(*a.StatusCode)) {
			break
		}
		failures++
	}
	if failures >= attemptsOf {
		l.figures.usedUp++
		return
	}
	if !took {
		l.lose("%s of %s (%s) to %s failed after %d of %d attempts", d.ID, e.ID, e.Type, p.path, failures, attemptsOf)
		return
	}
	l.wrong("%s of %s (%s) to %s failed after %d of %d attempts, although the receiver had taken it", d.ID, e.ID, e.Type, p.path, failures, attemptsOf)
}

// finalStatus reports whether an answer ends a delivery as failed, by decisions of the contract.
func finalStatus(status int) bool {
	return status >= 300 && status < 500 && status != 408 && status != 429
}
