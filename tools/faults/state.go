package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// state is all that the API shows once the run is over.
type state struct {
	students, enrollments, orders, courses, sessions, recordings, certificates []object

	events     []event
	deliveries []delivery
}

// event is an item of the feed: the stored envelope.
type event struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	CreatedAt time.Time `json:"created_at"`
	Workspace string    `json:"workspace_id"`
	Data      struct {
		object
		Erased bool
	} `json:"data"`

	raw json.RawMessage
}

// erased reports whether the person was taken out of the event.
func (e event) erased() bool {
	return e.Data.Erased || len(e.Type) > 6 && e.Type[:6] == "order." && e.Data.Customer.StudentID != nil && e.Data.Customer.Email == nil
}

// delivery is one from the log with its attempts, which are newest first.
type delivery struct {
	ID, EndpointID, EventID, EventType, Status string

	AttemptCount int
	CreatedAt    time.Time
	Attempts     []attempt
}

// attempt is one from the log.
type attempt struct {
	Number         int
	Trigger        string
	At             time.Time
	StatusCode     *int
	Error          *string
	RequestHeaders map[string]string
	RequestBody    *string
}

// readState walks all lists.
func (r *run) readState(ctx context.Context) (s state, err error) {
	addr := r.replicas[0].at()
	for _, part := range []struct {
		path  string
		query url.Values
		to    *[]object
	}{
		{"/students", nil, &s.students},
		{"/enrollments", nil, &s.enrollments},
		{"/orders", nil, &s.orders},
		{"/courses", url.Values{"status": {"draft"}}, &s.courses},
		{"/courses", url.Values{"status": {"published"}}, &s.courses},
		{"/courses", url.Values{"status": {"archived"}}, &s.courses},
		{"/live-sessions", nil, &s.sessions},
		{"/recordings", nil, &s.recordings},
		{"/certificates", nil, &s.certificates},
	} {
		found, err := list[object](ctx, r.client, addr, part.path, part.query)
		if err != nil {
			return s, err
		}
		*part.to = append(*part.to, found...)
	}
	if s.events, err = r.readFeed(ctx, addr); err != nil {
		return s, err
	}
	s.deliveries, err = r.readLog(ctx, addr)
	return s, err
}

func (r *run) readFeed(ctx context.Context, addr string) ([]event, error) {
	raw, err := list[json.RawMessage](ctx, r.client, addr, "/events", nil)
	if err != nil {
		return nil, err
	}
	events := make([]event, len(raw))
	for i, text := range raw {
		if err := json.Unmarshal(text, &events[i]); err != nil {
			return nil, fmt.Errorf("event %s: %w", text, err)
		}
		events[i].raw = text
	}
	return events, nil
}

// readLog reads every delivery with its attempts, several at once.
func (r *run) readLog(ctx context.Context, addr string) ([]delivery, error) {
	const readers = 8
	listed, err := list[delivery](ctx, r.client, addr, "/webhook-deliveries", nil)
	if err != nil {
		return nil, err
	}
	var reading sync.WaitGroup
	errs := make(chan error, readers)
	for first := range readers {
		reading.Go(func() {
			for i := first; i < len(listed); i += readers {
				var detail struct{ Data delivery }
				if err := r.client.get(ctx, addr, "/webhook-deliveries/"+listed[i].ID, &detail); err != nil {
					errs <- err
					return
				}
				listed[i] = detail.Data
			}
		})
	}
	reading.Wait()
	close(errs)
	return listed, <-errs
}
