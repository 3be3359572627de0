package main

import (
	"context"
	"net/http"

	"github.com/thebigclass/api/gen/client"
)

// listCourses lists the courses of one status.
func listCourses(status client.CourseStatus) lister {
	return func(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
		return api.ListCourses(ctx, &client.ListCoursesParams{Limit: &q.limit, Cursor: q.cursorOrNil(), UpdatedSince: q.sinceOrNil(), Status: &status})
	}
}

func listStudents(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
	return api.ListStudents(ctx, &client.ListStudentsParams{Limit: &q.limit, Cursor: q.cursorOrNil(), UpdatedSince: q.sinceOrNil()})
}

func listEnrollments(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
	return api.ListEnrollments(ctx, &client.ListEnrollmentsParams{Limit: &q.limit, Cursor: q.cursorOrNil(), UpdatedSince: q.sinceOrNil()})
}

func listOrders(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
	return api.ListOrders(ctx, &client.ListOrdersParams{Limit: &q.limit, Cursor: q.cursorOrNil(), UpdatedSince: q.sinceOrNil()})
}

func listLiveSessions(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
	return api.ListLiveSessions(ctx, &client.ListLiveSessionsParams{Limit: &q.limit, Cursor: q.cursorOrNil(), UpdatedSince: q.sinceOrNil()})
}

func listRecordings(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
	return api.ListRecordings(ctx, &client.ListRecordingsParams{Limit: &q.limit, Cursor: q.cursorOrNil(), UpdatedSince: q.sinceOrNil()})
}

func listCertificates(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
	return api.ListCertificates(ctx, &client.ListCertificatesParams{Limit: &q.limit, Cursor: q.cursorOrNil(), UpdatedSince: q.sinceOrNil()})
}

func listEvents(ctx context.Context, api *client.Client, q query) (*http.Response, error) {
	return api.ListEvents(ctx, &client.ListEventsParams{Limit: &q.limit, Cursor: q.cursorOrNil(), Since: q.sinceOrNil()})
}
