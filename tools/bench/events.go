package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// emitCalls is how often one run creates a student in each of the two workspaces.
	emitCalls = 200
	// eventRate is how many events a second arrive while receipts are timed, for eventTime; eventSenders share
	// the calls, more than are ever under way at that rate.
	eventRate    = 200
	eventTime    = 5 * time.Second
	eventSenders = 16
	// receiptLimit is how long the last delivery may take until the run counts as not measured.
	receiptLimit = 30 * time.Second
)

// eventsPlan has a workspace without endpoint, the first, and ten with one.
var eventsPlan = plan{workspaces: 11, courses: 110, students: 110}

// watched is a server whose events arrive at a receiver of this process.
type watched struct {
	addr     string
	tokens   []string // the first workspace has no endpoint, the others have one each
	receiver *receiver
	db       database
	made     int // students so far, so that every address is new
}

// events measures what an event costs the call that causes it, and how soon it arrives.
func (b *bench) events(ctx context.Context, kind string) (err error) {
	db, err := b.filled(ctx, kind, "events", eventsPlan)
	if err != nil {
		return err
	}
	tokens, err := b.tokens(ctx, db, eventsPlan.workspaces)
	if err != nil {
		return err
	}
	server, _, err := b.serve(ctx, db, "TBC_WEBHOOK_ALLOW_HTTP=true", "TBC_WEBHOOK_ALLOW_CIDRS=127.0.0.0/8")
	if err != nil {
		return err
	}
	receiver, err := startReceiver()
	if err != nil {
		return errors.Join(err, server.stop())
	}
	w := &watched{addr: server.addr, tokens: tokens, receiver: receiver, db: db}
	err = b.watchedRuns(ctx, kind, w)
	err = errors.Join(err, server.alive(), server.stop(), receiver.stop())
	if kind == postgres { // whatever the clock said: a slow machine runs the same statements
		err = errors.Join(err, b.batchStatements(ctx, db, tokens[1]))
	}
	return err
}

func (b *bench) watchedRuns(ctx context.Context, kind string, w *watched) error {
	for _, token := range w.tokens[1:] {
		body := fmt.Sprintf(`{"url":%q,"events":["student.created"]}`, w.receiver.url)
		if _, err := send(ctx, w.addr, post("/api/v1/webhook-endpoints", token, body), 201); err != nil {
			return err
		}
	}
	for range runs {
		if err := b.emitRun(ctx, kind, w); err != nil {
			return err
		}
	}
	for range runs {
		if err := b.receiptRun(ctx, kind, w); err != nil {
			return err
		}
	}
	return nil
}

// student is the next call that creates one.
func (w *watched) student(token string) []byte {
	w.made++
	return post(studentsPath, token, fmt.Sprintf(`{"email":"bench%d@example.com","displayName":"Bench %d"}`, w.made, w.made))
}

// emitRun creates students in a workspace without and one with an endpoint in turn, and records the ratio of the
// median times. A few calls before do not count.
func (b *bench) emitRun(ctx context.Context, kind string, w *watched) error {
	const warm = 20
	conn, err := dial(ctx, w.addr)
	if err != nil {
		return err
	}
	defer conn.close()
	var times [2][]time.Duration
	for n := range warm + emitCalls {
		for i := range times {
			request := w.student(w.tokens[i])
			began := time.Now()
			if err := conn.expect(request, 201); err != nil {
				return err
			}
			if n >= warm {
				times[i] = append(times[i], time.Since(began))
			}
		}
	}
	if _, err := w.receiver.take(ctx, warm+emitCalls); err != nil {
		return err
	}
	none, one := percentile(times[0], 50), percentile(times[1], 50)
	b.progress("events %s: POST %v with no endpoint, %v with one", kind, none, one)
	b.results.add("events", "emit", kind, one.Seconds()/none.Seconds())
	return nil
}

// receiptRun causes events at a steady rate, whether or not the calls before are answered, and records how long
// after its commit an event arrived.
func (b *bench) receiptRun(ctx context.Context, kind string, w *watched) error {
	const total = int(eventRate * eventTime / time.Second)
	requests := make([][]byte, total)
	for i := range requests {
		requests[i] = w.student(w.tokens[1+i%(len(w.tokens)-1)])
	}
	if err := paced(ctx, w.addr, requests); err != nil {
		return err
	}
	came, err := w.receiver.take(ctx, total)
	if err != nil {
		return err
	}
	took, err := sinceCommit(ctx, w.db, came)
	if err != nil {
		return err
	}
	p50, p99 := percentile(took, 50), percentile(took, 99)
	b.progress("events %s: receipt after %v, p95 %v, p99 %v", kind, p50, percentile(took, 95), p99)
	b.results.add("events", "receipt", kind, milliseconds(p50))
	b.results.add("events", "receipt p99", kind, milliseconds(p99))
	return nil
}

// paced sends the requests at eventRate. One that finds no sender free in its turn is sent late; if the last is
// a second late, the rate was not reached.
func paced(ctx context.Context, addr string, requests [][]byte) error {
	queue := make(chan []byte, len(requests)) // so that the pace never waits for an answer
	errs := make([]error, eventSenders)
	var running sync.WaitGroup
	began := time.Now()
	for i := range eventSenders {
		running.Go(func() { errs[i] = drain(ctx, addr, queue) })
	}
	for i, r := range requests {
		wait(ctx, time.Duration(i)*time.Second/eventRate-time.Since(began))
		queue <- r
	}
	close(queue)
	running.Wait()
	due := time.Duration(len(requests)) * time.Second / eventRate
	if late := time.Since(began) - due; late > time.Second {
		return errors.Join(append(errs, fmt.Errorf("%d events took %v longer than %v", len(requests), late, due))...)
	}
	return errors.Join(errs...)
}

func drain(ctx context.Context, addr string, queue <-chan []byte) error {
	conn, err := dial(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.close()
	for r := range queue {
		if err := conn.expect(r, 201); err != nil {
			return err
		}
	}
	return nil
}

// firstID is the id of a list's first row.
func firstID(ctx context.Context, addr, token, path string) (string, error) {
	p, err := list(ctx, addr, token, path, "limit=1")
	if err != nil {
		return "", err
	}
	if len(p.Data) == 0 {
		return "", fmt.Errorf("GET %s has no rows", path)
	}
	return p.Data[0].ID, nil
}

// percentile sorts took and returns the value that so many percent do not exceed.
func percentile(took []time.Duration, percent int) time.Duration {
	slices.Sort(took)
	return took[(len(took)-1)*percent/100]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// envelope reads an event's id and time.
func envelope(body []byte) (id string, created time.Time, err error) {
	var event struct {
		ID        string    `json:"id"`
		CreatedAt time.Time `json:"created_at"`
	}
	err = json.Unmarshal(body, &event)
	return event.ID, event.CreatedAt, err
}
