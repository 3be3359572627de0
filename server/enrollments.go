package server

import (
	"context"
	"net/http"

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
	return once(ctx, a, visitCreateEnrollment, func(tx *store.Tx) (gen.CreateEnrollmentResponseObject, error) {
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

func visitCreateEnrollment(response gen.CreateEnrollmentResponseObject, w http.ResponseWriter) error {
	return response.VisitCreateEnrollmentResponse(w)
}
