package payload

import (
	"fmt"
	"time"

	openapi "github.com/oapi-codegen/runtime/types"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// AnalyticsSummary is the sums of one window. It fails on a day that the store
// should not have: nothing is guessed about money.
func AnalyticsSummary(a store.Analytics) (gen.AnalyticsSummary, error) {
	days := calendarDays{}
	summary := gen.AnalyticsSummary{
		From:     days.read(a.From),
		To:       days.read(a.To),
		TimeZone: a.TimeZone,
		Revenue:  revenue(a.Revenue, &days),
		Students: gen.AnalyticsStudents{New: int(a.Students.New), Active: int(a.Students.Active)},
		Enrollments: gen.AnalyticsEnrollments{
			New: int(a.Enrollments.New), Completed: int(a.Enrollments.Completed), Revoked: int(a.Enrollments.Revoked),
		},
		Completion: gen.AnalyticsCompletion{
			Rate:               a.Completion.Rate,
			AveragePercent:     a.Completion.AveragePercent,
			LessonsCompleted:   int(a.Completion.LessonsCompleted),
			CertificatesIssued: int(a.Completion.CertificatesIssued),
		},
		Courses: gen.AnalyticsCourses{Top: List(a.TopCourses, topCourse)},
	}
	return summary, days.fault
}

func revenue(r store.Revenue, days *calendarDays) gen.AnalyticsRevenue {
	return gen.AnalyticsRevenue{
		Currency:              r.Currency,
		Gross:                 r.Gross,
		Discount:              r.Discount,
		Tax:                   r.Tax,
		GatewayFee:            r.GatewayFee,
		PlatformFee:           r.PlatformFee,
		Refunded:              r.Refunded,
		Net:                   r.Net,
		OrderCount:            int(r.OrderCount),
		RefundCount:           int(r.RefundCount),
		FeesPendingOrderCount: int(r.FeesPendingOrderCount),
		Daily: List(r.Daily, func(d store.DailyRevenue) gen.AnalyticsRevenueDay {
			return gen.AnalyticsRevenueDay{
				Date:                  days.read(d.Date),
				Gross:                 d.Gross,
				Discount:              d.Discount,
				Tax:                   d.Tax,
				GatewayFee:            d.GatewayFee,
				PlatformFee:           d.PlatformFee,
				Refunded:              d.Refunded,
				Net:                   d.Net,
				OrderCount:            int(d.OrderCount),
				RefundCount:           int(d.RefundCount),
				FeesPendingOrderCount: int(d.FeesPendingOrderCount),
			}
		}),
	}
}

func topCourse(c store.CourseFigures) gen.AnalyticsTopCourse {
	return gen.AnalyticsTopCourse{
		CourseID:    c.CourseID,
		Title:       c.Title,
		Subtotal:    c.Subtotal,
		Enrollments: int(c.Enrollments),
		Completions: int(c.Completions),
	}
}

// calendarDays reads days and keeps the first fault, so that a mapping stays one expression.
type calendarDays struct{ fault error }

func (d *calendarDays) read(text string) openapi.Date {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil && d.fault == nil {
		d.fault = fmt.Errorf("a day of the analytics: %w", err)
	}
	return openapi.Date{Time: day}
}
