package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// CreateEnrollment enrols a student. A repeat of the same pair answers 200 with
// the enrollment as it is; a revoked or expired one is reinstated with 201.
func (a *API) CreateEnrollment(ctx context.Context, req gen.CreateEnrollmentRequestObject) (gen.CreateEnrollmentResponseObject, error) {
	fresh := store.NewEnrollment{
		StudentID: req.Body.StudentID,
		CourseID:  req.Body.CourseID,
		Note:      req.Body.Note,
		ExpiresAt: req.Body.ExpiresAt,
		Source:    store.SourceAPI,
	}
	return once(ctx, a, gen.CreateEnrollmentResponseObject.VisitCreateEnrollmentResponse, func(tx *store.Tx) (gen.CreateEnrollmentResponseObject, error) {
		enrollment, created, err := tx.Enroll(ctx, fresh)
		if err != nil {
			return nil, err
		}
		body := gen.EnrollmentResponse{Data: payload.Enrollment(enrollment)}
		if !created {
			return gen.CreateEnrollment200JSONResponse(body), nil
		}
		return gen.CreateEnrollment201JSONResponse(body), tx.Emit(ctx, payload.EnrollmentCreated(enrollment))
	})
}

// ListEnrollments lists enrollments of every status.
func (a *API) ListEnrollments(ctx context.Context, req gen.ListEnrollmentsRequestObject) (gen.ListEnrollmentsResponseObject, error) {
	query := store.EnrollmentQuery{
		ListOptions: listOptions(req.Params.Limit, req.Params.Cursor, req.Params.UpdatedSince),
		StudentID:   req.Params.StudentID,
		CourseID:    req.Params.CourseID,
		Status:      (*string)(req.Params.Status),
	}
	page, err := a.workspace(ctx).Enrollments(ctx, query)
	if err != nil {
		return nil, err
	}
	return gen.ListEnrollments200JSONResponse{
		Data:       payload.List(page.Items, payload.Enrollment),
		Pagination: pagination(page.NextCursor, query.Limit),
	}, nil
}

// GetEnrollment shows one enrollment.
func (a *API) GetEnrollment(ctx context.Context, req gen.GetEnrollmentRequestObject) (gen.GetEnrollmentResponseObject, error) {
	enrollment, err := a.workspace(ctx).Enrollment(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetEnrollment200JSONResponse{Data: payload.Enrollment(enrollment)}, nil
}

// RevokeEnrollment ends access. What has ended already stays as it is.
func (a *API) RevokeEnrollment(ctx context.Context, req gen.RevokeEnrollmentRequestObject) (gen.RevokeEnrollmentResponseObject, error) {
	var reason *string
	if req.Body != nil {
		reason = req.Body.Reason
	}
	return once(ctx, a, gen.RevokeEnrollmentResponseObject.VisitRevokeEnrollmentResponse, func(tx *store.Tx) (gen.RevokeEnrollmentResponseObject, error) {
		enrollment, revoked, err := tx.Revoke(ctx, req.ID, reason, store.SourceAPI)
		if err != nil {
			return nil, err
		}
		response := gen.RevokeEnrollment200JSONResponse{Data: payload.Enrollment(enrollment)}
		if !revoked {
			return response, nil
		}
		return response, tx.Emit(ctx, payload.EnrollmentRevoked(enrollment))
	})
}

// RecordProgress adds completed lessons. The last one completes the enrollment;
// only the certificate that this may issue is told of.
func (a *API) RecordProgress(ctx context.Context, req gen.RecordProgressRequestObject) (gen.RecordProgressResponseObject, error) {
	return once(ctx, a, gen.RecordProgressResponseObject.VisitRecordProgressResponse, func(tx *store.Tx) (gen.RecordProgressResponseObject, error) {
		enrollment, effects, err := tx.CompleteLessons(ctx, req.ID, req.Body.CompletedLessonIds)
		if err != nil {
			return nil, err
		}
		response := gen.RecordProgress200JSONResponse{Data: payload.Enrollment(enrollment)}
		if effects.Certificate == nil {
			return response, nil
		}
		return response, tx.Emit(ctx, payload.CertificateIssued(*effects.Certificate, a.config.BaseURL))
	})
}
