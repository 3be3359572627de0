package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// What stands still during a walk is seen exactly once, whatever else comes, changes or moves.
func TestStudents_WalkSkipsAndRepeatsNothingThatStoodStill(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course := s.course(1)
		still := map[string]int{}
		for range 20 {
			still[s.student().ID] = 0
		}
		since := storetest.Start
		for name, opt := range map[string]store.ListOptions{
			"newest first": {Limit: 4}, "by change": {Limit: 4, UpdatedSince: &since},
		} {
			moving := []store.Student{s.student(), s.student(), s.student(), s.student()}
			still[s.student().ID] = 0
			seen := map[string]int{}
			step := 0
			for {
				page, err := s.Students(t.Context(), store.StudentQuery{ListOptions: opt})
				if err != nil {
					t.Fatal(err)
				}
				for _, student := range page.Items {
					seen[student.ID]++
				}
				if page.NextCursor == nil {
					break
				}
				opt.Cursor = *page.NextCursor
				if step < len(moving) { // what moved to the end could be followed for ever
					s.student()
					s.enroll(moving[step].ID, course.ID)
					s.remove(moving[step])
					step++
				}
			}
			for id := range still {
				if seen[id] != 1 {
					t.Errorf("%s: %s was seen %d times", name, id, seen[id])
				}
			}
		}
	})
}

// remove deletes a student without a trace, which no request can do.
func (s *school) remove(student store.Student) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) error {
		for _, text := range []string{
			"DELETE FROM enrollment_changes WHERE workspace_id = $1 AND student_id = $2",
			"DELETE FROM enrollments WHERE workspace_id = $1 AND student_id = $2",
			"DELETE FROM students WHERE workspace_id = $1 AND id = $2",
		} {
			if _, err := tx.Exec(s.tb.Context(), text, student.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestLists_ForeignIDsAndCursorsBehaveAsUnknown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		mine, other := newSchool(t, db), newSchool(t, db)
		course, student := other.course(1), other.student()
		order := other.order(student, "pay_1", course.ID)
		for _, id := range []string{course.ID, "crs_unknown", student.ID, "", "crs_\x7f"} {
			if _, err := mine.Course(t.Context(), id, true); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("course %q: %v", id, err)
			}
			if _, err := mine.Student(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("student %q: %v", id, err)
			}
			if _, err := mine.Order(t.Context(), order.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("order: %v", err)
			}
		}
		page, err := mine.Orders(t.Context(), store.OrderQuery{StudentID: &student.ID})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("orders of a foreign student: %v %v", page.Items, err)
		}
		other.course(1)
		first, err := other.Courses(t.Context(), store.CourseQuery{ListOptions: store.ListOptions{Limit: 1}})
		if err != nil || first.NextCursor == nil {
			t.Fatal(first, err)
		}
		for name, read := range map[string]func(opt store.ListOptions) error{
			"foreign": func(opt store.ListOptions) error {
				_, err := mine.Courses(t.Context(), store.CourseQuery{ListOptions: opt})
				return err
			},
			"other list": func(opt store.ListOptions) error {
				_, err := other.Students(t.Context(), store.StudentQuery{ListOptions: opt})
				return err
			},
			"other filter": func(opt store.ListOptions) error {
				_, err := other.Courses(t.Context(), store.CourseQuery{ListOptions: opt, Status: store.CourseDraft})
				return err
			},
		} {
			if err := read(store.ListOptions{Limit: 1, Cursor: *first.NextCursor}); !errors.Is(err, store.ErrBadCursor) {
				t.Errorf("%s cursor: %v, want ErrBadCursor", name, err)
			}
		}
	})
}

func TestLists_QueriesDoNotGrowWithRows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course := s.course(2)
		for i := range 9 {
			s.order(s.student(), fmt.Sprintf("pay_%d", i), course.ID)
		}
		for name, c := range map[string]struct {
			want int
			read func(w *store.Workspace) error
		}{
			"courses": {1, func(w *store.Workspace) error { _, err := w.Courses(t.Context(), store.CourseQuery{}); return err }},
			"course":  {3, func(w *store.Workspace) error { _, err := w.Course(t.Context(), course.ID, false); return err }},
			"students": {2, func(w *store.Workspace) error {
				_, err := w.Students(t.Context(), store.StudentQuery{})
				return err
			}},
			"orders": {3, func(w *store.Workspace) error { _, err := w.Orders(t.Context(), store.OrderQuery{}); return err }},
			"analytics": {5, func(w *store.Workspace) error {
				_, err := w.Analytics(t.Context(), store.AnalyticsWindow{Window: "7d"})
				return err
			}},
		} {
			texts, _, err := s.Statements(t.Context(), c.read)
			if err != nil || len(texts) != c.want {
				t.Errorf("%s: %d queries and %v, want %d", name, len(texts), err, c.want)
			}
		}
	})
}

func TestStudents_FiltersFindWhatTheyName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		var ids []string
		for i := range 6 {
			s.tx(func(tx *store.Tx) error {
				student, _, err := tx.CreateStudent(t.Context(), store.NewStudent{Email: fmt.Sprintf("Straße%d@Example.com", i),
					DisplayName: "S", ExternalID: ptr(fmt.Sprintf("x%d", i%3)), Tags: []string{"all", fmt.Sprintf("t%d", i%2), "all"},
					Status: []string{"active", "invited"}[i%2]})
				ids = append(ids, student.ID)
				return err
			})
		}
		for name, c := range map[string]struct {
			q    store.StudentQuery
			want []string // newest first
		}{
			"email folded": {store.StudentQuery{Email: ptr("STRASSE3@example.COM")}, []string{ids[3]}},
			"external id":  {store.StudentQuery{ExternalID: ptr("x1")}, []string{ids[4], ids[1]}},
			"status":       {store.StudentQuery{Status: ptr("invited")}, []string{ids[5], ids[3], ids[1]}},
			"tag":          {store.StudentQuery{Tag: ptr("t0")}, []string{ids[4], ids[2], ids[0]}},
			"tag, status":  {store.StudentQuery{Tag: ptr("t0"), Status: ptr("invited")}, nil},
			"common tag":   {store.StudentQuery{Tag: ptr("all")}, []string{ids[5], ids[4], ids[3], ids[2], ids[1], ids[0]}},
		} {
			for _, since := range []bool{false, true} {
				if since {
					c.q.UpdatedSince = &storetest.Start
				}
				c.q.Limit, c.q.Cursor = 2, ""
				var got []string
				for _, student := range walkWith(t, c.q.ListOptions, func(opt store.ListOptions) (store.Page[store.Student], error) {
					c.q.ListOptions = opt
					return s.Students(t.Context(), c.q)
				}) {
					got = append(got, student.ID)
				}
				want := append([]string{}, c.want...)
				if since {
					for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
						want[i], want[j] = want[j], want[i]
					}
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s, by change %t: %v, want %v", name, since, got, want)
				}
			}
		}
	})
}

func TestCreateStudent_ExistingEmailIsReturnedUnchanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		first := s.student()
		s.tx(func(tx *store.Tx) error {
			again, created, err := tx.CreateStudent(t.Context(), store.NewStudent{Email: " STUDENT-1@example.COM", DisplayName: "Other"})
			if created || again.ID != first.ID || again.DisplayName != first.DisplayName || !again.UpdatedAt.Equal(first.UpdatedAt) {
				t.Errorf("created %t: %+v", created, again)
			}
			_, created, err2 := tx.CreateStudent(t.Context(), store.NewStudent{Email: "new@example.com", DisplayName: "New"})
			if !created {
				t.Error("a new address made no student")
			}
			return errors.Join(err, err2)
		})
	})
}
