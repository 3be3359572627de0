package server_test

import (
	"testing"

	"github.com/thebigclass/api/gen"
)

// NewSession schedules a live session by API.
func (app *App) NewSession() gen.LiveSession {
	app.Helper()
	return decode[gen.LiveSessionResponse](app.Post("/api/v1/live-sessions", body{
		"title": "Kathak live", "scheduledAt": "2026-06-01T03:30:00Z", "durationMinutes": 60,
	}).Want(201)).Data
}

// A session goes forward only, and each step is told of once.
func TestLiveSession_StepsAreTakenOnceAndInOrder(t *testing.T) {
	each(t, func(app *App) {
		path := "/api/v1/live-sessions/" + app.NewSession().ID
		recording := body{"url": "https://media.example.com/1.mp4", "startedAt": "2026-06-01T03:30:00Z", "endedAt": "2026-06-01T04:30:00Z"}
		app.Post(path+"/end", "").WantIssue("")
		app.Post(path+"/recordings", recording).WantIssue("")
		app.Patch(path, body{"title": "Another title", "joinUrl": "https://meet.example.com/1"}).Want(200)
		app.Post(path+"/start", "").Want(200)
		app.Post(path+"/start", "").Want(200)
		app.Patch(path, body{"scheduledAt": "2026-07-01T03:30:00Z"}).WantIssue("/scheduledAt")
		app.Post(path+"/end", body{"attendeeCount": 12}).Want(200)
		ended := decode[gen.LiveSessionResponse](app.Post(path+"/end", body{"attendeeCount": 99}).Want(200)).Data
		if ended.Status != gen.LiveSessionStatusEnded || *ended.AttendeeCount != 12 || ended.Title != "Another title" {
			app.Errorf("the session is %+v", ended)
		}
		app.Post(path+"/start", "").WantIssue("")
		app.Patch(path, body{"durationMinutes": 90}).WantIssue("/durationMinutes")
		made := decode[gen.RecordingResponse](app.Post(path+"/recordings", recording).Want(201)).Data
		app.Get("/api/v1/recordings/" + made.ID).Want(200)
		if list := decode[gen.RecordingList](app.Get("/api/v1/recordings").Want(200)).Data; len(list) != 1 || list[0].ID != made.ID {
			app.Errorf("the list of recordings is %+v", list)
		}
		recording["endedAt"] = "2026-06-01T03:00:00Z"
		app.Post(path+"/recordings", recording).WantIssue("/endedAt")
		app.Get(path).Want(200)
		app.Get("/api/v1/live-sessions").Want(200)
		app.WantStory("live_session.started", "live_session.ended", "recording.ready")
	})
}
