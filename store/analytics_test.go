package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// The test workspace is in Berlin: 23:30 UTC in winter is half past midnight of the next day there.
func TestAnalytics_DaysAreThoseOfTheWorkspace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		s.Clock.Set(time.Date(2026, 3, 10, 22, 59, 0, 0, time.UTC))
		order := s.order(student, "pay_1", course.ID)
		s.Clock.Set(time.Date(2026, 3, 10, 23, 30, 0, 0, time.UTC))
		s.refund(store.NewRefund{OrderID: order.ID, Amount: ptr(int64(1000))})
		got, err := s.Analytics(t.Context(), store.AnalyticsWindow{From: "2026-03-10", To: "2026-03-12"})
		if err != nil {
			t.Fatal(err)
		}
		daily := got.Revenue.Daily
		if len(daily) != 3 || daily[0].Gross != 5000 || daily[0].Refunded != 0 || daily[1].Refunded != 1000 || daily[1].Net != -1000 {
			t.Errorf("daily %+v", daily)
		}
		if daily[2].RevenueFigures != (store.RevenueFigures{}) || got.Revenue.Net != 5000-121-1000 {
			t.Errorf("quiet day %+v, net %d", daily[2], got.Revenue.Net)
		}
		if len(got.TopCourses) != 1 || got.TopCourses[0].Subtotal != 5000 || got.TopCourses[0].Enrollments != 1 {
			t.Errorf("top courses %+v", got.TopCourses)
		}
	})
}

func TestAnalytics_WindowsEndToday(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		s.student()
		s.Clock.Set(time.Date(2026, 4, 1, 22, 30, 0, 0, time.UTC)) // half past midnight in Berlin
		for window, want := range map[store.AnalyticsWindow][2]string{
			{}:                                     {"2026-03-04", "2026-04-02"},
			{Window: "7d"}:                         {"2026-03-27", "2026-04-02"},
			{Window: "90d"}:                        {"2026-01-03", "2026-04-02"},
			{Window: "all"}:                        {"2026-03-02", "2026-04-02"},
			{From: "2025-04-02", To: "2026-04-02"}: {"2025-04-02", "2026-04-02"},
		} {
			got, err := s.Analytics(t.Context(), window)
			if err != nil || got.From != want[0] || got.To != want[1] {
				t.Errorf("%+v: %s to %s and %v, want %v", window, got.From, got.To, err, want)
			}
			if got.Completion.Rate != nil || got.Completion.AveragePercent != 0 {
				t.Errorf("%+v: completion of nothing is %+v", window, got.Completion)
			}
		}
		s.Clock.Set(time.Date(2046, 4, 1, 12, 0, 0, 0, time.UTC))
		if got, err := s.Analytics(t.Context(), store.AnalyticsWindow{Window: "all"}); err != nil || len(got.Revenue.Daily) != 3660 {
			t.Errorf("%d days of all and %v, want 3,660", len(got.Revenue.Daily), err)
		}
	})
}

func TestAnalytics_RefusesWhatIsNoWindow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		for window, field := range map[store.AnalyticsWindow]string{
			{From: "2026-01-01", To: "2026-01-02", Window: "7d"}: "window",
			{From: "2026-01-01"}:                   "to",
			{To: "2026-01-01"}:                     "from",
			{From: "2026-01-02", To: "2026-01-01"}: "from",
			{From: "2025-01-01", To: "2026-01-02"}: "to",
			{From: "2025-13-01", To: "2026-01-02"}: "from",
			{Window: "8d"}:                         "window",
		} {
			_, err := s.Analytics(t.Context(), window)
			if refusal, ok := errors.AsType[*store.Invalid](err); !ok || refusal.Field != field {
				t.Errorf("%+v: %v, want a refusal of %s", window, err, field)
			}
		}
	})
}

func TestAnalytics_ActiveStudentsAreCountedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, a, b := s.course(4), s.student(), s.student()
		e := s.enroll(a.ID, course.ID)
		s.enroll(b.ID, course.ID)
		for n := 1; n <= 3; n++ {
			s.Clock.Advance(48 * time.Hour)
			s.complete(e, course, n)
		}
		for window, want := range map[store.AnalyticsWindow]int64{
			{From: "2026-03-02", To: "2026-03-08"}: 2,
			{From: "2026-03-03", To: "2026-03-08"}: 1,
			{From: "2026-03-05", To: "2026-03-05"}: 0,
			{From: "2026-03-06", To: "2026-03-06"}: 1,
		} {
			got, err := s.Analytics(t.Context(), window)
			if err != nil || got.Students.Active != want {
				t.Errorf("%+v: %d active and %v, want %d", window, got.Students.Active, err, want)
			}
		}
		got, err := s.Analytics(t.Context(), store.AnalyticsWindow{From: "2026-03-02", To: "2026-03-04"})
		if err != nil || got.Completion.AveragePercent != 12.5 || *got.Completion.Rate != 0 {
			t.Errorf("at the end of the window: %+v %v, want the progress of that day", got.Completion, err)
		}
	})
}
