package main

// promise is what must be there: what the published developer page says, and what was added to it since.
// It is written down here a second time on purpose: a contract cannot lose an endpoint without this file noticing.
type promise struct {
	operations map[string]string // "METHOD path" -> scope, "" for any key
	events     []string          // those that an endpoint can subscribe to
	tests      []string          // those that it cannot
	codes      map[string]int    // error code -> status
	schemas    []string
}

var published = promise{
	operations: map[string]string{
		"GET /courses":                            "read:courses",
		"GET /courses/{id}":                       "read:courses",
		"POST /courses":                           "write:courses",
		"PATCH /courses/{id}":                     "write:courses",
		"POST /courses/{id}/publish":              "write:courses",
		"POST /courses/{id}/archive":              "write:courses",
		"GET /students":                           "read:students",
		"POST /students":                          "write:students",
		"GET /students/{id}":                      "read:students",
		"PATCH /students/{id}":                    "write:students",
		"DELETE /students/{id}":                   "write:students",
		"GET /enrollments":                        "read:enrollments",
		"GET /enrollments/{id}":                   "read:enrollments",
		"POST /enrollments":                       "write:enrollments",
		"POST /enrollments/batch":                 "write:enrollments",
		"POST /enrollments/{id}/revoke":           "write:enrollments",
		"POST /enrollments/{id}/progress":         "write:enrollments",
		"GET /orders":                             "read:orders",
		"GET /orders/{id}":                        "read:orders",
		"POST /orders":                            "write:orders",
		"POST /orders/{id}/refunds":               "write:orders",
		"GET /analytics/summary":                  "read:analytics",
		"GET /live-sessions":                      "read:live_sessions",
		"GET /live-sessions/{id}":                 "read:live_sessions",
		"POST /live-sessions":                     "write:live_sessions",
		"PATCH /live-sessions/{id}":               "write:live_sessions",
		"POST /live-sessions/{id}/start":          "write:live_sessions",
		"POST /live-sessions/{id}/end":            "write:live_sessions",
		"POST /live-sessions/{id}/recordings":     "write:live_sessions",
		"GET /recordings":                         "read:live_sessions",
		"GET /recordings/{id}":                    "read:live_sessions",
		"GET /certificates":                       "read:certificates",
		"GET /certificates/{id}":                  "read:certificates",
		"POST /certificates":                      "write:certificates",
		"GET /webhook-endpoints":                  "read:webhooks",
		"GET /webhook-endpoints/{id}":             "read:webhooks",
		"POST /webhook-endpoints":                 "write:webhooks",
		"PATCH /webhook-endpoints/{id}":           "write:webhooks",
		"DELETE /webhook-endpoints/{id}":          "write:webhooks",
		"POST /webhook-endpoints/{id}/test":       "write:webhooks",
		"GET /webhook-deliveries":                 "read:webhooks",
		"GET /webhook-deliveries/{id}":            "read:webhooks",
		"POST /webhook-deliveries/{id}/redeliver": "write:webhooks",
		"GET /events":                             "read:events",
		"GET /events/stream":                      "read:events",
		"GET /events/{id}":                        "read:events",
		"GET /me":                                 "",
	},
	events: []string{
		"student.created", "student.updated", "student.deleted",
		"enrollment.created", "enrollment.revoked",
		"order.paid", "order.refunded",
		"course.published", "course.archived",
		"live_session.started", "live_session.ended",
		"recording.ready", "certificate.issued",
	},
	tests: []string{"webhook.test"},
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
		"StudentPatch", "EnrollmentBatch", "EnrollmentBatchResult", "OrderCreate", "RefundCreate", "CourseCreate", "CoursePatch",
		"LiveSessionCreate", "LiveSessionPatch", "RecordingCreate", "CertificateCreate",
		"WebhookEndpoint", "CreatedWebhookEndpoint", "WebhookEndpointCreate", "WebhookEndpointPatch",
		"Delivery", "DeliveryDetail", "DeliveryAttempt", "Event", "FeedEventType", "Erased",
		"Pagination", "ErrorResponse", "ErrorBody", "ErrorDetail", "ErrorCode",
	},
}
