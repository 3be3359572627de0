package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// session schedules a live session of the course, an hour from now.
func (s *school) session(courseID *string) (session store.LiveSession) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		session, err = tx.CreateLiveSession(s.tb.Context(), store.NewLiveSession{CourseID: courseID, Title: "Live class",
			Provider: ptr("zoom"), ScheduledAt: tx.Now().Add(time.Hour), DurationMinutes: 60, JoinURL: ptr("https://meet.example.com/1")})
		return err
	})
	return session
}

func (s *school) start(id string) (session store.LiveSession, started bool) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		session, started, err = tx.StartLiveSession(s.tb.Context(), id)
		return err
	})
	return session, started
}

func (s *school) end(id string, attendees *int64) (session store.LiveSession, ended bool) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		session, ended, err = tx.EndLiveSession(s.tb.Context(), id, attendees)
		return err
	})
	return session, ended
}

func (s *school) recording(in store.NewRecording) (recording store.Recording) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		recording, err = tx.CreateRecording(s.tb.Context(), in)
		return err
	})
	return recording
}

// refusal is the field at which a transaction is refused, and whether it was.
func (s *school) refusal(do func(tx *store.Tx) error) (field string, refused bool) {
	s.tb.Helper()
	s.Clock.Advance(time.Second)
	refusal, refused := errors.AsType[*store.Invalid](s.Tx(s.tb.Context(), do))
	if !refused {
		return "", false
	}
	return refusal.Field, true
}

// A session goes forward only, each step happens once, and a repeat changes nothing.
func TestLiveSession_StartsAndEndsOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		session := s.session(nil)
		if _, refused := s.refusal(func(tx *store.Tx) error {
			_, _, err := tx.EndLiveSession(t.Context(), session.ID, nil)
			return err
		}); !refused {
			t.Error("a session that has not started ended")
		}
		started, changed := s.start(session.ID)
		if !changed || started.Status != store.SessionLive || started.StartedAt == nil || !started.UpdatedAt.After(session.UpdatedAt) {
			t.Errorf("started %v: %+v", changed, started)
		}
		if again, changed := s.start(session.ID); changed || !again.StartedAt.Equal(*started.StartedAt) {
			t.Errorf("started twice: %v %+v", changed, again)
		}
		s.Clock.Advance(90 * time.Second)
		ended, changed := s.end(session.ID, ptr(int64(22)))
		if !changed || ended.Status != store.SessionEnded || *ended.AttendeeCount != 22 ||
			*ended.DurationSeconds != int64(ended.EndedAt.Sub(*ended.StartedAt)/time.Second) || *ended.DurationSeconds < 90 {
			t.Errorf("ended %v: %+v", changed, ended)
		}
		again, changed := s.end(session.ID, ptr(int64(23)))
		stored, err := s.LiveSession(t.Context(), session.ID)
		if changed || *again.AttendeeCount != 22 || err != nil || !stored.UpdatedAt.Equal(ended.UpdatedAt) {
			t.Errorf("ended twice: %v %+v %v", changed, stored, err)
		}
		if _, refused := s.refusal(func(tx *store.Tx) error {
			_, _, err := tx.StartLiveSession(t.Context(), session.ID)
			return err
		}); !refused {
			t.Error("a session that has ended started again")
		}
	})
}

func TestUpdateLiveSession_AbsentStaysNullClearsValueSets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course := s.course(1)
		session := s.session(&course.ID)
		recording := s.recording(store.NewRecording{LiveSessionID: session.ID, URL: "https://media.example.com/1.mp4"})
		update := func(p store.LiveSessionPatch) (after store.LiveSession, changed bool) {
			s.tx(func(tx *store.Tx) (err error) {
				after, changed, err = tx.UpdateLiveSession(t.Context(), session.ID, p)
				return err
			})
			return after, changed
		}
		after, changed := update(store.LiveSessionPatch{Title: store.To("New"), JoinURL: store.To[*string](nil)})
		if !changed || after.Title != "New" || after.JoinURL != nil || *after.Provider != "zoom" || *after.CourseID != course.ID {
			t.Errorf("%v %+v", changed, after)
		}
		same, changed := update(store.LiveSessionPatch{Title: store.To("New"), ScheduledAt: store.To(session.ScheduledAt)})
		if changed || !same.UpdatedAt.Equal(after.UpdatedAt) {
			t.Errorf("a patch without a difference: %v %v", changed, same.UpdatedAt)
		}
		if after, _ = update(store.LiveSessionPatch{CourseID: store.To[*string](nil)}); after.CourseID != nil {
			t.Errorf("courseId %v", *after.CourseID)
		}
		moved, err := s.Recording(t.Context(), recording.ID)
		if err != nil || moved.CourseID != nil || !moved.UpdatedAt.Equal(after.UpdatedAt) {
			t.Errorf("the recording shows %v as the session's course: %v", moved.CourseID, err)
		}
		s.start(session.ID)
		if field, refused := s.refusal(func(tx *store.Tx) error {
			_, _, err := tx.UpdateLiveSession(t.Context(), session.ID,
				store.LiveSessionPatch{ScheduledAt: store.To(tx.Now().Add(time.Hour))})
			return err
		}); !refused || field != "/scheduledAt" {
			t.Errorf("a running session was scheduled anew: %q %v", field, refused)
		}
	})
}

func TestRecording_TakesTitleAndCourseFromItsSession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course := s.course(1)
		session := s.session(&course.ID)
		from, till := s.Clock.Now(), s.Clock.Now().Add(time.Hour)
		recording := s.recording(store.NewRecording{LiveSessionID: session.ID, URL: "https://media.example.com/1.mp4",
			SizeBytes: ptr(int64(1 << 40)), StartedAt: &from, EndedAt: &till})
		stored, err := s.Recording(t.Context(), recording.ID)
		if err != nil || stored.Title != session.Title || *stored.CourseID != course.ID || *stored.SizeBytes != 1<<40 ||
			!stored.EndedAt.Equal(till) || stored.MimeType != nil {
			t.Errorf("%+v %v", stored, err)
		}
		if field, refused := s.refusal(func(tx *store.Tx) error {
			_, err := tx.CreateRecording(t.Context(), store.NewRecording{LiveSessionID: session.ID,
				URL: "https://media.example.com/1.mp4", StartedAt: &till, EndedAt: &from})
			return err
		}); !refused || field != "/endedAt" {
			t.Errorf("a recording ended before it started: %q %v", field, refused)
		}
	})
}

// Rows of another workspace are not there, in whichever way they are named.
func TestLiveSessions_ForeignIDsAreNotFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		mine, other := newSchool(t, db), newSchool(t, db)
		course := other.course(1)
		session := other.session(nil)
		for name, do := range map[string]func(tx *store.Tx) error{
			"create": func(tx *store.Tx) error {
				_, err := tx.CreateLiveSession(t.Context(), store.NewLiveSession{CourseID: &course.ID, Title: "A",
					ScheduledAt: tx.Now(), DurationMinutes: 1})
				return err
			},
			"update": func(tx *store.Tx) error {
				_, _, err := tx.UpdateLiveSession(t.Context(), session.ID, store.LiveSessionPatch{Title: store.To("A")})
				return err
			},
			"start": func(tx *store.Tx) error { _, _, err := tx.StartLiveSession(t.Context(), session.ID); return err },
			"end":   func(tx *store.Tx) error { _, _, err := tx.EndLiveSession(t.Context(), session.ID, nil); return err },
			"record": func(tx *store.Tx) error {
				_, err := tx.CreateRecording(t.Context(), store.NewRecording{LiveSessionID: session.ID, URL: "https://a.example.com"})
				return err
			},
		} {
			if err := mine.Tx(t.Context(), do); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestLiveSessions_WalkBothWaysAndOneQueryAPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		var ids []string
		for range 9 {
			session := s.session(nil)
			s.recording(store.NewRecording{LiveSessionID: session.ID, URL: "https://media.example.com/1.mp4"})
			ids = append(ids, session.ID)
		}
		s.start(ids[0])
		newest := walk(t, func(opt store.ListOptions) (store.Page[store.LiveSession], error) {
			return s.LiveSessions(t.Context(), opt)
		})
		since := storetest.Start
		changed := walkWith(t, store.ListOptions{Limit: 2, UpdatedSince: &since},
			func(opt store.ListOptions) (store.Page[store.LiveSession], error) {
				return s.LiveSessions(t.Context(), opt)
			})
		if len(newest) != 9 || newest[0].ID != ids[8] || len(changed) != 9 || changed[8].ID != ids[0] {
			t.Errorf("%d newest first and %d by change", len(newest), len(changed))
		}
		recordings := walk(t, func(opt store.ListOptions) (store.Page[store.Recording], error) {
			return s.Recordings(t.Context(), opt)
		})
		if len(recordings) != 9 || recordings[0].LiveSessionID != ids[8] {
			t.Errorf("%d recordings", len(recordings))
		}
		for name, read := range map[string]func(w *store.Workspace) error{
			"live sessions": func(w *store.Workspace) error { _, err := w.LiveSessions(t.Context(), store.ListOptions{}); return err },
			"live session":  func(w *store.Workspace) error { _, err := w.LiveSession(t.Context(), ids[0]); return err },
			"recordings":    func(w *store.Workspace) error { _, err := w.Recordings(t.Context(), store.ListOptions{}); return err },
			"recording":     func(w *store.Workspace) error { _, err := w.Recording(t.Context(), recordings[0].ID); return err },
			"certificates":  func(w *store.Workspace) error { _, err := w.Certificates(t.Context(), store.ListOptions{}); return err },
		} {
			if texts, _, err := s.Statements(t.Context(), read); err != nil || len(texts) != 1 {
				t.Errorf("%s: %d statements, %v", name, len(texts), err)
			}
		}
	})
}
