package store

// Analytics sums up a workspace over calendar days of its time zone.
type Analytics struct {
	From, To   string // inclusive days, YYYY-MM-DD
	TimeZone   string
	Revenue    Revenue
	Students   StudentCounts
	Enrollment EnrollmentCounts
	Completion Completion
	TopCourses []CourseFigures // by gross, then by new enrollments; at most 10
}

// RevenueFigures are sums of money in minor units, and the counts behind them. Fees that
// are not known yet count as nothing; FeesPendingOrderCount says for how many orders.
// Orders fall on the day of payment, refunds on their own day.
type RevenueFigures struct {
	Gross, Discount, Tax, GatewayFee, PlatformFee, Refunded, Net int64
	OrderCount, RefundCount, FeesPendingOrderCount               int64
}

// Revenue is the money of a window. The totals are the sum of Daily.
type Revenue struct {
	Currency string
	RevenueFigures
	Daily []DailyRevenue // every day of the window, oldest first
}

// DailyRevenue is the money of one calendar day.
type DailyRevenue struct {
	Date string
	RevenueFigures
}

// StudentCounts counts students: who came in the window, and who made progress or was
// enrolled in it.
type StudentCounts struct{ New, Active int64 }

// EnrollmentCounts counts what happened to enrollments in the window. Reinstated ones
// count as new, expired ones as revoked: as they are announced.
type EnrollmentCounts struct{ New, Completed, Revoked int64 }

// Completion says how far students come. Rate and AveragePercent speak of the enrollments
// first made in the window: the share of them that is completed by now (nil when there
// are none) and their mean progress.
type Completion struct {
	Rate               *float64
	AveragePercent     float64
	LessonsCompleted   int64
	CertificatesIssued int64
}

// CourseFigures is what one course brought in the window.
type CourseFigures struct {
	CourseID, Title                                  string
	Gross                                            int64
	OrderCount, EnrollmentsNew, EnrollmentsCompleted int64
}
