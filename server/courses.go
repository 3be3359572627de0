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

// CreateCourse makes a draft. Nobody is told until it is published.
func (a *API) CreateCourse(ctx context.Context, req gen.CreateCourseRequestObject) (gen.CreateCourseResponseObject, error) {
	return once(ctx, a, gen.CreateCourseResponseObject.VisitCreateCourseResponse, func(tx *store.Tx) (gen.CreateCourseResponseObject, error) {
		course, err := tx.CreateCourse(ctx, newCourse(*req.Body))
		if err != nil {
			return nil, err
		}
		return gen.CreateCourse201JSONResponse{Data: payload.CourseDetail(course)}, nil
	})
}

// UpdateCourse changes a course of any status. No event tells of it.
func (a *API) UpdateCourse(ctx context.Context, req gen.UpdateCourseRequestObject) (gen.UpdateCourseResponseObject, error) {
	return once(ctx, a, gen.UpdateCourseResponseObject.VisitUpdateCourseResponse, func(tx *store.Tx) (gen.UpdateCourseResponseObject, error) {
		course, _, err := tx.UpdateCourse(ctx, req.ID, coursePatch(*req.Body))
		if err != nil {
			return nil, err
		}
		return gen.UpdateCourse200JSONResponse{Data: payload.CourseDetail(course)}, nil
	})
}

// PublishCourse publishes a course now, or schedules that, or cancels the schedule.
func (a *API) PublishCourse(ctx context.Context, req gen.PublishCourseRequestObject) (gen.PublishCourseResponseObject, error) {
	return once(ctx, a, gen.PublishCourseResponseObject.VisitPublishCourseResponse, func(tx *store.Tx) (gen.PublishCourseResponseObject, error) {
		course, published, err := publish(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		detail, err := tx.Course(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		response := gen.PublishCourse200JSONResponse{Data: payload.CourseDetail(detail)}
		if !published {
			return response, nil
		}
		return response, tx.Emit(ctx, payload.CoursePublished(course))
	})
}

// publish does what the body says: without publishAt now, with null not any more.
func publish(ctx context.Context, tx *store.Tx, req gen.PublishCourseRequestObject) (store.Course, bool, error) {
	if req.Body == nil || req.Body.PublishAt == nil {
		return tx.Publish(ctx, req.ID)
	}
	return tx.SchedulePublication(ctx, req.ID, *req.Body.PublishAt)
}

// ArchiveCourse takes a course off sale. Its learners keep their access.
func (a *API) ArchiveCourse(ctx context.Context, req gen.ArchiveCourseRequestObject) (gen.ArchiveCourseResponseObject, error) {
	return once(ctx, a, gen.ArchiveCourseResponseObject.VisitArchiveCourseResponse, func(tx *store.Tx) (gen.ArchiveCourseResponseObject, error) {
		course, archived, err := tx.Archive(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		detail, err := tx.Course(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		response := gen.ArchiveCourse200JSONResponse{Data: payload.CourseDetail(detail)}
		if !archived {
			return response, nil
		}
		return response, tx.Emit(ctx, payload.CourseArchived(course))
	})
}
