package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/thebigclass/api/gen/client"
)

// query is what the lists have in common.
type query struct {
	limit  int
	cursor string
	since  time.Time // zero for the feed of events: from its beginning
}

func (q query) cursorOrNil() *string {
	if q.cursor == "" {
		return nil
	}
	return &q.cursor
}

func (q query) sinceOrNil() *time.Time {
	if q.since.IsZero() {
		return nil
	}
	return &q.since
}

// lister asks for a page of a list.
type lister func(ctx context.Context, api *client.Client, q query) (*http.Response, error)

// step is one walk through one list.
type step struct {
	resource string // whose file the rows go to
	list     lister
	limit    int

	// detailed rows are fetched one by one, since the list leaves parts out.
	detailed bool
	// again is the second walk through the feed of events, from the export's start.
	again bool
}

const (
	coursesName      = "courses"
	studentsName     = "students"
	enrollmentsName  = "enrollments"
	ordersName       = "orders"
	liveSessionsName = "live_sessions"
	recordingsName   = "recordings"
	certificatesName = "certificates"
	eventsName       = "events"
	deletionsName    = "deletions"
)

const (
	pageSize = 100 // the most that the API gives

	// A page of courses is one call and one more for each of its rows. After a
	// kill all of them are made again, so it is small.
	pageOfCourses = 20
)

// omission is what an export does not hold, and what it would have needed.
type omission struct {
	What  string `json:"what"`
	Scope string `json:"scope"`
}

// plan is the walk of a key with these scopes: what it may not read is named.
// The feed of events comes first, because its oldest are about to be removed,
// and once more at the end, for what happened meanwhile.
func plan(scopes []string, only string) (steps []step, left []omission) {
	for _, r := range []struct {
		resource, scope string
		steps           []step
	}{
		{eventsName, "read:events", []step{{list: listEvents}}},
		{coursesName, "read:courses", courseSteps(scopes)},
		{studentsName, "read:students", []step{{list: listStudents}}},
		{enrollmentsName, "read:enrollments", []step{{list: listEnrollments}}},
		{ordersName, "read:orders", []step{{list: listOrders}}},
		{liveSessionsName, "read:live_sessions", []step{{list: listLiveSessions}}},
		{recordingsName, "read:live_sessions", []step{{list: listRecordings}}},
		{certificatesName, "read:certificates", []step{{list: listCertificates}}},
		{eventsName, "read:events", []step{{list: listEvents, again: true}}},
	} {
		if only != "" && r.resource != only {
			continue
		}
		if !slices.Contains(scopes, r.scope) {
			if !r.steps[0].again {
				left = append(left, omission{r.resource, r.scope})
			}
			continue
		}
		for _, s := range r.steps {
			s.resource = r.resource
			if s.limit == 0 {
				s.limit = pageSize
			}
			steps = append(steps, s)
		}
	}
	return steps, append(left, lesser(scopes, only)...)
}

// lesser names parts of resources.
func lesser(scopes []string, only string) (left []omission) {
	if only != "" {
		return nil
	}
	if slices.Contains(scopes, "read:courses") && !slices.Contains(scopes, "write:courses") {
		left = append(left, omission{"courses that are drafts or archived", "write:courses"})
	}
	if !slices.Contains(scopes, "read:events") {
		left = append(left, omission{deletionsName, "read:events"})
	}
	return left
}

// courseSteps go in the order in which a course's status can change: one that
// moves on during the walk is met again, never missed.
func courseSteps(scopes []string) (steps []step) {
	statuses := []client.CourseStatus{client.CourseStatusPublished}
	if slices.Contains(scopes, "write:courses") {
		statuses = []client.CourseStatus{client.CourseStatusDraft, client.CourseStatusPublished, client.CourseStatusArchived}
	}
	for _, status := range statuses {
		steps = append(steps, step{list: listCourses(status), detailed: true, limit: pageOfCourses})
	}
	return steps
}

func getCourse(id string) call {
	return func(ctx context.Context, api *client.Client) (*http.Response, error) {
		return api.GetCourse(ctx, id, nil)
	}
}

func getMe(ctx context.Context, api *client.Client) (*http.Response, error) {
	return api.GetMe(ctx, nil)
}

func getSummary(ctx context.Context, api *client.Client) (*http.Response, error) {
	all := client.GetAnalyticsSummaryParamsWindowAll
	return api.GetAnalyticsSummary(ctx, &client.GetAnalyticsSummaryParams{Window: &all})
}
