package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListCourses lists published courses. A key with write:courses may ask for another status.
func (a *API) ListCourses(ctx context.Context, req gen.ListCoursesRequestObject) (gen.ListCoursesResponseObject, error) {
	query := store.CourseQuery{ListOptions: listOptions(req.Params.Limit, req.Params.Cursor, req.Params.UpdatedSince)}
	if status := req.Params.Status; status != nil && *status != gen.CourseStatusPublished {
		if !callOf(ctx).may(gen.ScopeWriteCourses) {
			return nil, missingScope(gen.ScopeWriteCourses)
		}
		query.Status = string(*status)
	}
	page, err := a.workspace(ctx).Courses(ctx, query)
	if err != nil {
		return nil, err
	}
	return gen.ListCourses200JSONResponse{
		Data:       payload.List(page.Items, payload.Course),
		Pagination: pagination(page.NextCursor, query.Limit),
	}, nil
}

// GetCourse shows a course with its outline; a draft only to a key with write:courses.
func (a *API) GetCourse(ctx context.Context, req gen.GetCourseRequestObject) (gen.GetCourseResponseObject, error) {
	course, err := a.workspace(ctx).Course(ctx, req.ID, callOf(ctx).may(gen.ScopeWriteCourses))
	if err != nil {
		return nil, err
	}
	return gen.GetCourse200JSONResponse{Data: payload.CourseDetail(course)}, nil
}
