package samples

// What the samples in TypeScript, Go and Python print of an answer: a member of `data`, or of each object of a list. It is there
// to show how an answer is read; that of a call which makes something is its id.

// shown are the members by resource.
var shown = map[string]string{
	"courses": "title", "students": "displayName", "enrollments": "status", "orders": "number",
	"live-sessions": "status", "recordings": "url", "certificates": "verifyUrl", "webhook-endpoints": "url",
	"webhook-recoveries": "state", "webhook-deliveries": "status", "analytics": "revenue.net", "me": "workspace.name",
}

// shownBy are those of operations that answer with something else.
var shownBy = map[string]string{
	"publishCourse":               "status",
	"archiveCourse":               "status",
	"deleteStudent":               "deletedAt",
	"refundOrder":                 "status",
	"updateLiveSession":           "scheduledAt",
	"deleteWebhookEndpoint":       "deletedAt",
	"rotateWebhookEndpointSecret": "secret",
}

// loops name one object of a list, by resource.
var loops = map[string]string{
	"courses": "course", "students": "student", "enrollments": "enrollment", "orders": "order",
	"live-sessions": "session", "recordings": "recording", "certificates": "certificate",
	"webhook-endpoints": "endpoint", "webhook-deliveries": "delivery", "events": "event",
}

// member is what a sample prints of an answer's object, as a path; "" is all of it.
func (one call) member() string {
	if name := shownBy[one.id]; name != "" {
		return name
	}
	return shown[one.resource()]
}

// loop names one object of the list that the call answers with; "" if it answers with one object.
func (one call) loop() string {
	switch {
	case one.id == "batchEnroll":
		return "item"
	case one.method == "GET" && one.path == "/"+one.resource():
		return loops[one.resource()]
	}
	return ""
}
