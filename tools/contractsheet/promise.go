package main

// promise is what the published developer page says must be there. It is written down here
// a second time on purpose: a contract cannot lose an endpoint without this file noticing.
type promise struct {
	operations map[string]string // "METHOD path" -> scope, "" for any key
	events     []string
	codes      map[string]int // error code -> status
	schemas    []string
}

var published = promise{
	operations: map[string]string{
		"GET /courses":           "read:courses",
		"GET /courses/{id}":      "read:courses",
		"GET /students":          "read:students",
		"POST /students":         "write:students",
		"GET /students/{id}":     "read:students",
		"GET /orders":            "read:orders",
		"POST /enrollments":      "write:enrollments",
		"GET /analytics/summary": "read:analytics",
		"GET /me":                "",
	},
	events: []string{
		"student.created", "student.updated", "student.deleted",
		"enrollment.created", "enrollment.revoked",
		"order.paid", "order.refunded",
		"course.published", "course.archived",
		"live_session.started", "live_session.ended",
		"recording.ready", "certificate.issued",
	},
	codes: map[string]int{
		"unauthorized": 401, "forbidden": 403, "not_found": 404,
		"rate_limited": 429, "invalid_request": 422, "internal_error": 500,
	},
	schemas: []string{
		"Course", "CourseDetail", "Module", "Lesson", "Price", "Instructor",
		"Student", "StudentProgress", "StudentCreate",
		"Enrollment", "EnrollmentHistoryEntry", "EnrollmentCreate",
		"Order", "OrderItem", "OrderCustomer", "OrderPayment", "OrderReceipt", "TaxLine", "Refund", "Entitlement",
		"AnalyticsSummary", "Me", "LiveSession", "Recording", "Certificate",
		"Pagination", "ErrorResponse", "ErrorBody", "ErrorDetail", "ErrorCode",
	},
}
