package samples

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A call is one request of a sample.
type call struct {
	*operation
	body   *yaml.Node // with variables in it; nil without
	query  []parameter
	target variable // what {id} is in the path
	step
}

// A step is what the contract does not say about a call.
type step struct {
	first   string   // the operationId of a call to be made before; "" is the operation itself
	example string   // name of the body's example; "" is the first
	search  string   // the query; a value in capitals is a variable
	at      variable // what {id} is; "" is the variable of the resource
	sets    variable // what takes the id that the answer holds; "" if nothing later needs it
	from    source   // where in the answer that id is
}

// A parameter is a member of a query.
type parameter struct{ name, value string }

// A source says where in an answer an id is.
type source int

const (
	fromData   source = iota // the object's own
	fromList                 // that of the first object of a list
	fromLesson               // that of a lesson of the course
)

// script holds the steps of every operation whose sample is more than the call alone. The last step is the
// operation itself. What would take something away that a later sample needs acts on a thing of its own.
var script = map[string][]step{
	"createCourse":  {{sets: "COURSE_ID"}},
	"listCourses":   {{search: "limit=10"}},
	"archiveCourse": {{first: "createCourse", example: "minimal", sets: "OLD_COURSE_ID"}, {at: "OLD_COURSE_ID"}},

	"createStudent": {{sets: "STUDENT_ID"}},
	"listStudents":  {{search: "tag=lead&limit=10"}},
	"deleteStudent": {{first: "createStudent", example: "minimal", sets: "FORMER_STUDENT_ID"}, {at: "FORMER_STUDENT_ID"}},

	"createEnrollment": {{sets: "ENROLLMENT_ID"}},
	"listEnrollments":  {{search: "courseId=COURSE_ID&status=active"}},
	"recordProgress":   {{first: "getCourse", sets: "LESSON_ID", from: fromLesson}, {}},

	"createOrder":         {{sets: "ORDER_ID"}},
	"listOrders":          {{search: "studentId=STUDENT_ID&status=paid"}},
	"getAnalyticsSummary": {{search: "window=30d"}},

	"createLiveSession": {{sets: "LIVE_SESSION_ID"}},
	"createRecording":   {{sets: "RECORDING_ID"}},
	"issueCertificate":  {{sets: "CERTIFICATE_ID"}},

	"createWebhookEndpoint":  {{sets: "ENDPOINT_ID"}},
	"deleteWebhookEndpoint":  {{first: "createWebhookEndpoint", example: "all", sets: "OLD_ENDPOINT_ID"}, {at: "OLD_ENDPOINT_ID"}},
	"testWebhookEndpoint":    {{sets: "DELIVERY_ID"}},
	"recoverWebhookEndpoint": {{sets: "RECOVERY_ID"}},
	"listWebhookDeliveries":  {{search: "endpointId=ENDPOINT_ID"}},

	"listEvents": {{search: "limit=10", sets: "EVENT_ID", from: fromList}},
}

// notes are the sentences above a sample, whatever the language.
var notes = map[string]string{
	"archiveCourse":               "Makes a course to archive, then archives it.",
	"deleteStudent":               "Makes a student to erase, then erases them.",
	"recordProgress":              "Takes the id of a lesson from the course, then marks the lesson as completed.",
	"createWebhookEndpoint":       "The answer shows the signing secret, this once.",
	"deleteWebhookEndpoint":       "Makes an endpoint to delete, then deletes it.",
	"rotateWebhookEndpointSecret": "The answer shows the new secret, this once.",
}

// streamNotes are those above the stream, by language: each ends in its own way.
var streamNotes = map[string]string{
	Curl:       "Ends by itself after five seconds. To go on until Ctrl-C, leave out --max-time 5 and what follows ||.",
	TypeScript: "Goes on until the connection ends.",
	Python:     "Goes on until the connection ends.",
	Go:         "Goes on until ctx is done or the connection ends.",
}

// note is the sentence above a sample, or "".
func note(id, language string) string {
	if id == "streamEvents" {
		return streamNotes[language]
	}
	return notes[id]
}

// resources are the variables for {id}, by the first part of the path.
var resources = map[string]variable{
	"courses": "COURSE_ID", "students": "STUDENT_ID", "enrollments": "ENROLLMENT_ID", "orders": "ORDER_ID",
	"live-sessions": "LIVE_SESSION_ID", "recordings": "RECORDING_ID", "certificates": "CERTIFICATE_ID",
	"webhook-endpoints": "ENDPOINT_ID", "webhook-recoveries": "RECOVERY_ID", "webhook-deliveries": "DELIVERY_ID",
	"events": "EVENT_ID",
}

// calls lists the requests of an operation's sample.
func (c *contract) calls(op *operation) ([]call, error) {
	steps := script[op.id]
	if steps == nil {
		steps = []step{{}}
	}
	var list []call
	for _, s := range steps {
		of := op
		if s.first != "" {
			of = c.byID[s.first]
		}
		if of == nil {
			return nil, fmt.Errorf("there is no operation %s", s.first)
		}
		one, err := c.call(of, s)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// call puts variables into the path, the query and the body of a request.
func (c *contract) call(op *operation, s step) (call, error) {
	one := call{operation: op, step: s}
	if strings.Contains(op.path, "{id}") {
		if one.target = s.at; one.target == "" {
			one.target = resources[one.resource()]
		}
		if one.target == "" {
			return call{}, fmt.Errorf("%s is not among the resources whose id is known", one.resource())
		}
	}
	if s.search != "" {
		for member := range strings.SplitSeq(s.search, "&") {
			name, value, _ := strings.Cut(member, "=")
			one.query = append(one.query, parameter{name, value})
		}
	}
	example, err := c.example(op, s.example)
	if err != nil {
		return call{}, err
	}
	if example != nil && len(example.Content) == 0 {
		example = nil // an empty object says no more than no body
	}
	one.body, err = withVariables("", example)
	return one, err
}

// resource is the first part of the path.
func (op *operation) resource() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(op.path, "/"), "/")
	return name
}
