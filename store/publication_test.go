package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func (s *school) schedule(id string, at *time.Time) (course store.Course, published bool) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		course, published, err = tx.SchedulePublication(s.tb.Context(), id, at)
		return err
	})
	return course, published
}

func (s *school) publish(id string) (course store.Course, published bool) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		course, published, err = tx.Publish(s.tb.Context(), id)
		return err
	})
	return course, published
}

func (s *school) archive(id string) (course store.Course, archived bool) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		course, archived, err = tx.Archive(s.tb.Context(), id)
		return err
	})
	return course, archived
}

func TestSchedulePublication_FutureWaitsPastPublishesNullCancels(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		draft := s.draft(1)
		later, past := s.Clock.Now().Add(time.Hour), s.Clock.Now().Add(-time.Hour)
		course, published := s.schedule(draft.ID, &later)
		if published || course.Status != store.CourseDraft || !course.PublishAt.Equal(later) || course.PublishedAt != nil {
			t.Errorf("scheduled: %v %+v", published, course)
		}
		if again, published := s.schedule(draft.ID, &later); published || !again.UpdatedAt.Equal(course.UpdatedAt) {
			t.Errorf("scheduled for the same time twice: %v, updated %v", published, again.UpdatedAt)
		}
		if course, published = s.schedule(draft.ID, nil); published || course.PublishAt != nil || course.Status != store.CourseDraft {
			t.Errorf("canceled: %v %+v", published, course)
		}
		s.schedule(draft.ID, &later)
		course, published = s.schedule(draft.ID, &past)
		if !published || course.Status != store.CoursePublished || course.PublishAt != nil || course.PublishedAt.Equal(past) {
			t.Errorf("published: %v %+v", published, course)
		}
		for _, at := range []*time.Time{&past, nil} {
			if again, published := s.schedule(draft.ID, at); published || !again.UpdatedAt.Equal(course.UpdatedAt) {
				t.Errorf("a published course with %v: %v %+v", at, published, again)
			}
		}
		if again, published := s.publish(draft.ID); published || !again.UpdatedAt.Equal(course.UpdatedAt) {
			t.Errorf("published twice: %+v", again)
		}
	})
}

func TestPublish_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		archived, published := s.course(1), s.course(1)
		later := s.Clock.Now().Add(time.Hour)
		first, changed := s.archive(archived.ID)
		if again, repeated := s.archive(archived.ID); !changed || repeated || !again.UpdatedAt.Equal(first.UpdatedAt) {
			t.Errorf("archived %v, then %v", changed, repeated)
		}
		for name, do := range map[string]func(tx *store.Tx) error{
			"publish archived": func(tx *store.Tx) error { _, _, err := tx.Publish(t.Context(), archived.ID); return err },
			"schedule archived": func(tx *store.Tx) error {
				_, _, err := tx.SchedulePublication(t.Context(), archived.ID, &later)
				return err
			},
			"schedule published": func(tx *store.Tx) error {
				_, _, err := tx.SchedulePublication(t.Context(), published.ID, &later)
				return err
			},
		} {
			if _, refused := s.refusal(do); !refused {
				t.Errorf("%s went through", name)
			}
		}
	})
}

// Of all that see a draft come due, and of a publish by hand beside them, exactly one publishes it.
func TestPublishDue_HappensExactlyOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		draft, unscheduled, canceled := s.draft(1), s.draft(1), s.draft(1)
		soon := s.Clock.Now().Add(time.Minute)
		s.schedule(draft.ID, &soon)
		s.schedule(canceled.ID, &soon)
		s.schedule(canceled.ID, nil)
		if due, err := db.DuePublications(t.Context(), 10); err != nil || len(due) != 0 {
			t.Errorf("due before its time: %v %v", due, err)
		}
		s.Clock.Advance(2 * time.Minute)
		due, err := db.DuePublications(t.Context(), 10)
		if err != nil || len(due) != 1 || due[0] != (store.Due{WorkspaceID: s.ID(), ID: draft.ID}) {
			t.Fatalf("due: %v %v", due, err)
		}
		var published atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := s.Tx(t.Context(), func(tx *store.Tx) error {
					do := tx.PublishDue
					if i%4 == 0 {
						do = tx.Publish
					}
					_, did, err := do(t.Context(), draft.ID)
					if did {
						published.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := s.rereadCourse(draft.ID); published.Load() != 1 || got.Status != store.CoursePublished || got.PublishAt != nil {
			t.Errorf("published %d times: %+v", published.Load(), got.Course)
		}
		if got := s.rereadCourse(unscheduled.ID); got.Status != store.CourseDraft {
			t.Errorf("a draft without a schedule is %s", got.Status)
		}
		if due, err := db.DuePublications(t.Context(), 10); err != nil || len(due) != 0 {
			t.Errorf("still due: %v %v", due, err)
		}
	})
}

func TestPublishDue_LeavesWhatIsNotDue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		moved, archived := s.draft(1), s.draft(1)
		later := s.Clock.Now().Add(time.Hour)
		s.schedule(moved.ID, &later)
		s.schedule(archived.ID, &later)
		s.archive(archived.ID)
		s.tx(func(tx *store.Tx) error {
			for _, id := range []string{moved.ID, archived.ID} {
				if course, published, err := tx.PublishDue(t.Context(), id); err != nil || published {
					t.Errorf("%s: %v %v", course.Status, published, err)
				}
			}
			return nil
		})
		s.Clock.Advance(2 * time.Hour)
		if due, err := db.DuePublications(t.Context(), 10); err != nil || len(due) != 1 || due[0].ID != moved.ID {
			t.Errorf("due: %v %v", due, err)
		}
	})
}
