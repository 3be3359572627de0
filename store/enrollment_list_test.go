package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func TestEnrollments_FiltersFindWhatTheyNameWithOneQuery(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		first, second, ada, bob := s.course(1), s.course(1), s.student(), s.student()
		a, b, c := s.enroll(ada.ID, first.ID), s.enroll(ada.ID, second.ID), s.enroll(bob.ID, first.ID)
		s.complete(a, first, 1)
		for name, want := range map[string]struct {
			q   store.EnrollmentQuery
			ids []string
		}{
			"all, newest first": {store.EnrollmentQuery{}, []string{c.ID, b.ID, a.ID}},
			"by change":         {store.EnrollmentQuery{ListOptions: store.ListOptions{UpdatedSince: &storetest.Start}}, []string{b.ID, c.ID, a.ID}},
			"student":           {store.EnrollmentQuery{StudentID: &ada.ID}, []string{b.ID, a.ID}},
			"course":            {store.EnrollmentQuery{CourseID: &first.ID}, []string{c.ID, a.ID}},
			"status":            {store.EnrollmentQuery{Status: ptr("completed")}, []string{a.ID}},
			"all filters":       {store.EnrollmentQuery{StudentID: &bob.ID, CourseID: &first.ID, Status: ptr("completed")}, nil},
		} {
			q := want.q
			q.Limit = 1
			var got []string
			for _, e := range walkWith(t, q.ListOptions, func(opt store.ListOptions) (store.Page[store.Enrollment], error) {
				q.ListOptions = opt
				return s.Enrollments(t.Context(), q)
			}) {
				got = append(got, e.ID)
			}
			if fmt.Sprint(got) != fmt.Sprint(want.ids) {
				t.Errorf("%s: %v, want %v", name, got, want.ids)
			}
		}
		texts, _, err := s.Statements(t.Context(), func(w *store.Workspace) error {
			_, err := w.Enrollments(t.Context(), store.EnrollmentQuery{})
			return err
		})
		if err != nil || len(texts) != 1 {
			t.Errorf("%d queries and %v, want 1", len(texts), err)
		}
	})
}

// The job asks every second, so it must find what is due by index, however many enrollments there are.
func TestDueExpiries_FindsTheLongestOverdueByIndex(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		late := s.enrollFor(s.student().ID, s.course(1).ID, 2*time.Hour)
		early := other.enrollFor(other.student().ID, other.course(1).ID, time.Hour)
		s.enroll(s.student().ID, s.course(1).ID)
		s.Clock.Advance(3 * time.Hour)
		due, err := db.DueExpiries(t.Context(), 10)
		if err != nil || len(due) != 2 || due[0] != (store.Due{WorkspaceID: other.ID(), ID: early.ID}) || due[1].ID != late.ID {
			t.Errorf("due %+v, %v", due, err)
		}
		query := `EXPLAIN SELECT id FROM enrollments WHERE expires_at IS NOT NULL
			AND status IN ('active', 'completed') AND expires_at <= 5 ORDER BY expires_at LIMIT 10`
		raw, explained := openRaw(t, db), query
		if db.Dialect() == store.SQLite {
			explained = strings.Replace(query, "EXPLAIN", "EXPLAIN QUERY PLAN", 1)
		}
		found, err := raw.QueryContext(t.Context(), explained)
		if err != nil {
			t.Fatal(err)
		}
		if plan := dumpRows(t, found); !strings.Contains(plan, "enrollments_expiry") {
			t.Errorf("the plan is %s", plan)
		}
	})
}
