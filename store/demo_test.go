package store_test

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// demoNow is when the demo's history ends in the tests.
var demoNow = storetest.Start.Add(5 * time.Hour)

func demoSchool(t *testing.T, db *storetest.DB) *store.Workspace {
	t.Helper()
	db.Clock.Set(demoNow)
	info, err := db.CreateWorkspace(t.Context(), store.DemoWorkspace())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SeedDemo(t.Context(), info.ID, demoNow); err != nil {
		t.Fatal(err)
	}
	return db.Workspace(info.ID)
}

func TestDemo_LooksLikeASmallSchool(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := demoSchool(t, db)
		students := walk(t, func(opt store.ListOptions) (store.Page[store.Student], error) {
			return w.Students(t.Context(), store.StudentQuery{ListOptions: opt})
		})
		if len(students) < 38 || len(students) > 46 {
			t.Errorf("%d students, want some forty", len(students))
		}
		seen := map[string]int{}
		for _, student := range students {
			seen["student "+student.Status]++
			for _, enrollment := range student.Enrollments {
				seen["enrollment "+enrollment.Status]++
			}
		}
		orders := walk(t, func(opt store.ListOptions) (store.Page[store.Order], error) {
			return w.Orders(t.Context(), store.OrderQuery{ListOptions: opt})
		})
		for _, order := range orders {
			seen["order "+order.Status]++
			if order.Test {
				seen["order test"]++
			}
			if order.Status == store.OrderPaid && order.NetAmount == nil {
				seen["order unsettled"]++
			}
		}
		for _, status := range []string{store.CourseDraft, store.CoursePublished, store.CourseArchived} {
			page, err := w.Courses(t.Context(), store.CourseQuery{Status: status})
			if err != nil {
				t.Fatal(err)
			}
			seen["course "+status] = len(page.Items)
		}
		for _, want := range []string{
			"student invited", "student active", "student inactive", "enrollment active", "enrollment completed",
			"enrollment revoked", "order pending", "order paid", "order partially_refunded", "order refunded",
			"order failed", "order canceled", "order test", "order unsettled", "course draft", "course published",
			"course archived",
		} {
			if seen[want] == 0 {
				t.Errorf("there is no %s in the demo: %v", want, seen)
			}
		}
		t.Logf("%v", seen)
	})
}

// Clients that hold answers to the contract refuse a course whose instructor's id is none: the alphabet has no I, L, O or U.
func TestDemo_TheInstructorsIDIsOne(t *testing.T) {
	t.Parallel()
	valid := regexp.MustCompile(`^usr_[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		page, err := demoSchool(t, db).Courses(t.Context(), store.CourseQuery{Status: store.CoursePublished})
		if err != nil || len(page.Items) == 0 {
			t.Fatalf("%d courses: %v", len(page.Items), err)
		}
		for _, course := range page.Items {
			if !valid.MatchString(course.Instructor.ID) {
				t.Errorf("%s is taught by %s", course.Title, course.Instructor.ID)
			}
		}
	})
}

func TestDemo_IsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		first, second := demoSchool(t, db), demoSchool(t, db)
		for _, table := range countedTables {
			if a, b := table.dump(t, first), table.dump(t, second); a != b {
				t.Errorf("%s differ", table.name)
			}
		}
		if err := db.SeedDemo(t.Context(), first.ID(), demoNow); !errors.Is(err, store.ErrConflict) {
			t.Errorf("seeding twice: %v, want ErrConflict", err)
		}
	})
}

func TestDemo_NothingIsInTheFuture(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := demoSchool(t, db)
		for _, table := range []string{"courses", "students", "enrollments", "orders", "refunds", "certificates"} {
			newest, err := w.DumpTable(t.Context(), table, "CASE WHEN MAX(updated_at) > "+microsText(demoNow)+" THEN 'future' ELSE '' END", "1")
			if err != nil || newest != "|\n" {
				t.Errorf("%s: %q %v", table, newest, err)
			}
		}
	})
}

func TestDemo_CountersEqualARebuild(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := demoSchool(t, db)
		wantRebuildChangesNothing(t, db, w)
	})
}
