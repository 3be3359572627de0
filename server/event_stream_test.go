package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

func TestEventStream_BeginsNow(t *testing.T) {
	each(t, func(app *App) {
		app.NewStudent()
		before := app.stored()
		s := app.Stream("Accept", "application/json") // there is one kind of answer, whatever is asked for
		if got := s.begin(); got != before[0] {
			app.Errorf("the stream begins behind %q, want the newest event %q", got, before[0])
		}
		for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "ETag": ""} {
			if got := s.Header.Get(name); got != want {
				app.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		app.NewStudent()
		got := s.event()
		event, err := app.Workspace.Event(app.Context(), got.id)
		if err != nil || got.data != string(event.Body) {
			app.Errorf("the stream has %s, the store %s, %v", got.data, event.Body, err)
		}
		app.Other().NewStudent()
		app.NewStudent()
		if ids := app.stored(); s.event().id != ids[2] {
			app.Error("the next event is not the workspace's own")
		}
	})
}

func TestEventStream_OfAnEmptyFeedHasNothingToComeBackTo(t *testing.T) {
	each(t, func(app *App) {
		s := app.Stream()
		if got := s.begin(); got != "" {
			app.Errorf("the stream begins behind %q", got)
		}
		first := app.NewStudent()
		if !strings.Contains(s.event().data, first.ID) {
			app.Error("the first event is not in the stream")
		}
		app.DB.Clock.Advance(store.EventAge + time.Second)
		if got := app.Stream().begin(); got != "" {
			app.Errorf("a stream begins behind an event that cannot be come back to: %s", got)
		}
	})
}

// Whoever comes back with the last id has skipped nothing and sees nothing twice, cut off before the
// first event included.
func TestEventStream_GoesOnWhereItBroke(t *testing.T) {
	each(t, func(app *App) {
		app.NewStudent()
		s := app.Stream()
		last := s.begin()
		s.hangUp()
		var got []string
		for i := range 6 {
			app.NewStudent()
			app.NewStudent()
			s = app.Stream("Last-Event-ID", last)
			if again := s.begin(); again != "" {
				app.Errorf("a stream that goes on names the event %s", again)
			}
			for range 1 + i%3 { // some are left for the next
				last = s.event().id
				got = append(got, last)
			}
			s.hangUp()
		}
		ids := app.stored()
		if want := ids[1 : 1+len(got)]; strings.Join(got, " ") != strings.Join(want, " ") {
			app.Errorf("read %v, want %v", got, want)
		}
	})
}

// Two hundred events by eight writers at once arrive in the order of their commits.
func TestEventStream_FollowsManyWritersInOrder(t *testing.T) {
	each(t, func(app *App) {
		s := app.Stream()
		s.begin()
		var writers sync.WaitGroup
		for range 8 {
			writers.Go(func() {
				for range 25 {
					err := app.Workspace.Tx(app.Context(), func(tx *store.Tx) error {
						return tx.Emit(app.Context(), store.Event{Type: "student.deleted", Data: map[string]any{
							"id": "stu_01HXYB5D7E9F1G3H5J7K9M1N3P", "deletedAt": "2026-06-02T09:15:30.006218Z",
						}})
					})
					if err != nil {
						app.Error(err)
					}
				}
			})
		}
		var got []string
		for range 200 {
			got = append(got, s.event().id)
		}
		writers.Wait()
		events, err := app.Workspace.EventsAfter(app.Context(), 0, 1000)
		if err != nil || len(events) != 200 {
			app.Fatalf("%d events, %v", len(events), err)
		}
		for i, event := range events {
			if event.Seq != int64(i+1) || got[i] != event.ID {
				app.Fatalf("event %d of the stream is %s, want %s", i, got[i], event.ID)
			}
		}
	})
}

// What another process commits is found by the next poll.
func TestEventStream_FindsEventsOfOtherProcesses(t *testing.T) {
	each(t, func(app *App) {
		elsewhere := *app.DB
		elsewhere.Store = app.DB.Open(app.T)
		away := *app
		away.DB = &elsewhere
		second, hand := away.ticking()
		s := second.Stream()
		s.begin()
		for range 3 {
			student := app.NewStudent()
			hand.tick(poll)
			if got := s.event(); !strings.Contains(got.data, student.ID) {
				app.Errorf("got %s, want the event of %s", got.data, student.ID)
			}
		}
		hand.tick(poll)
		hand.tick(poll)
		app.NewStudent()
		app.NewStudent()
		hand.tick(poll)
		ids := app.stored()
		if a, b := s.event().id, s.event().id; a != ids[3] || b != ids[4] {
			app.Errorf("got %s and %s, want %v", a, b, ids[3:])
		}
	})
}

func TestEventStream_CommentsShowThatItLives(t *testing.T) {
	each(t, func(app *App) {
		second, hand := app.ticking()
		s := second.Stream()
		s.begin()
		for range 3 {
			hand.tick(comment)
			if got := s.next(); got != (block{comment: true}) {
				app.Errorf("got %+v, want a comment", got)
			}
		}
	})
}

func TestEventStream_RefusesEventsThatItCannotGoOnFrom(t *testing.T) {
	each(t, func(app *App) {
		other := app.Other()
		other.NewStudent()
		foreign := other.stored()
		endpoint := app.Endpoint("https://example.com")
		tested := decode[gen.DeliveryDetailResponse](app.Post("/api/v1/webhook-endpoints/"+endpoint.ID+"/test", "").Want(200)).Data
		app.NewStudent()
		own := app.stored()
		for name, id := range map[string]string{
			"unknown": "evt_01HXZH3N5P7Q9R1S3T5V7W9X12", "foreign": foreign[0], "no event": app.Workspace.ID(), "in no feed": tested.EventID,
			"malformed": "1", "quoted": `"` + own[0] + `"`, "not UTF-8": "evt_\xff", "empty": "", "long": strings.Repeat("e", 256), "markup": "evt_'; --",
		} {
			s, refused := app.tryStream("Last-Event-ID", id)
			if s != nil {
				app.Fatalf("%s: a stream was opened", name)
			}
			refused.WantIssue("Last-Event-ID")
		}
		app.Get("/api/v1/events/stream", "Last-Event-ID", own[0], "Last-Event-ID", own[0]).WantIssue("Last-Event-ID")
		app.Get("/api/v1/events/stream?type=order.paid").WantIssue("type")
		app.DB.Clock.Advance(store.EventAge - time.Second)
		app.Stream("Last-Event-ID", own[0]).begin()
		app.DB.Clock.Advance(2 * time.Second)
		if s, _ := app.tryStream("Last-Event-ID", own[0]); s != nil { // though nothing has removed it yet
			app.Error("a stream was opened behind an event that is over 30 days old")
		}
	})
}

func TestEventStream_OpeningCountsAsOneCall(t *testing.T) {
	each(t, func(app *App) {
		_, secret := app.LimitedKey(gen.ScopeReadEvents)
		limited, hand := app.As(secret).ticking()
		s := limited.Stream()
		if left := (&Answer{Header: s.Header}).Left(); left != "59/999" {
			app.Errorf("the opening leaves %s", left)
		}
		s.begin()
		for range 3 {
			app.NewStudent()
			s.event()
			hand.tick(poll)
			hand.tick(comment)
			s.next()
		}
		if left := limited.Get("/api/v1/me").Left(); left != "58/998" {
			app.Errorf("after three events the next call leaves %s", left)
		}
		limited.Do(http.MethodHead, "/api/v1/events/stream", "").Want(405)
		limited.Do(http.MethodPost, "/api/v1/events/stream", "{}").WantError(405, gen.ErrorCodeNotFound)
		for range 56 {
			limited.Get("/api/v1/me").Want(200)
		}
		if _, refused := limited.tryStream(); refused == nil || refused.Status != 429 {
			app.Error("a stream was opened beyond the limit")
		}
	})
}

// A sixth stream is one too many; whoever hangs up leaves a place at once.
func TestEventStream_AKeyHasFive(t *testing.T) {
	each(t, func(app *App) {
		var open []*stream
		for range 5 {
			open = append(open, app.Stream())
		}
		app.Get("/api/v1/events/stream").WantIssue("")
		_, another := app.NewKey()
		app.As(another).Stream().begin()
		open[2].hangUp()
		app.logs("the client hung up")
		app.Stream().begin()
		app.Get("/api/v1/events/stream").WantIssue("")
		if log := app.Log.String(); strings.Contains(log, `"level":"ERROR"`) {
			app.Errorf("the log says %s", log)
		}
	})
}

// A stream shows what the store has when it is sent: of erased students the ids alone.
func TestEventStream_ShowsErasedStudentsErased(t *testing.T) {
	each(t, func(app *App) {
		app.NewStudent()
		first := app.stored()
		student := app.NewStudent()
		app.Do("DELETE", "/api/v1/students/"+student.ID, "").Want(200)
		s := app.Stream("Last-Event-ID", first[0])
		s.begin()
		if got := s.event(); !strings.Contains(got.data, fmt.Sprintf(`"data":{"erased":true,"id":%q}`, student.ID)) {
			app.Errorf("got %s", got.data)
		}
		if got := s.event(); !strings.Contains(got.data, `"type":"student.deleted"`) {
			app.Errorf("got %s", got.data)
		}
	})
}
