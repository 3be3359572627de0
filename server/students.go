package server

import (
	"context"
	"net/http"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListStudents lists students with progress and enrollments.
func (a *API) ListStudents(ctx context.Context, req gen.ListStudentsRequestObject) (gen.ListStudentsResponseObject, error) {
	query := store.StudentQuery{
		ListOptions: listOptions(req.Params.Limit, req.Params.Cursor, req.Params.UpdatedSince),
		Email:       req.Params.Email,
		ExternalID:  req.Params.ExternalID,
		Status:      (*string)(req.Params.Status),
		Tag:         req.Params.Tag,
	}
	page, err := a.workspace(ctx).Students(ctx, query)
	if err != nil {
		return nil, err
	}
	return gen.ListStudents200JSONResponse{
		Data:       payload.List(page.Items, payload.Student),
		Pagination: pagination(page.NextCursor, query.Limit),
	}, nil
}

// GetStudent shows one student.
func (a *API) GetStudent(ctx context.Context, req gen.GetStudentRequestObject) (gen.GetStudentResponseObject, error) {
	student, err := a.workspace(ctx).Student(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetStudent200JSONResponse{Data: payload.Student(student)}, nil
}

// CreateStudent creates a student. An e-mail that is taken answers 200 with its
// student, unchanged: a CRM may send the same lead twice. Whoever is to be
// invited gets an e-mail, once.
func (a *API) CreateStudent(ctx context.Context, req gen.CreateStudentRequestObject) (gen.CreateStudentResponseObject, error) {
	fresh := newStudent(*req.Body)
	var invite invitation
	if fresh.Status == store.StudentInvited {
		var err error
		if invite, err = a.invitationOf(ctx); err != nil {
			return nil, err
		}
	}
	return once(ctx, a, visitCreateStudent, func(tx *store.Tx) (gen.CreateStudentResponseObject, error) {
		student, created, err := tx.CreateStudent(ctx, fresh)
		if err != nil {
			return nil, err
		}
		body := gen.StudentResponse{Data: payload.Student(student)}
		if !created {
			return gen.CreateStudent200JSONResponse(body), nil
		}
		if student.Status == store.StudentInvited {
			if err := invite.to(ctx, tx, student); err != nil {
				return nil, err
			}
		}
		return gen.CreateStudent201JSONResponse(body), tx.Emit(ctx, payload.StudentCreated(student))
	})
}

func visitCreateStudent(response gen.CreateStudentResponseObject, w http.ResponseWriter) error {
	return response.VisitCreateStudentResponse(w)
}

// newStudent reads the body. Whoever is to be invited starts as invited, everybody else as active.
func newStudent(body gen.StudentCreate) store.NewStudent {
	fresh := store.NewStudent{
		Email:       body.Email,
		DisplayName: body.DisplayName,
		Phone:       body.Phone,
		ExternalID:  body.ExternalID,
		Source:      body.Source,
		Status:      store.StudentActive,
	}
	if body.SendInvite != nil && *body.SendInvite {
		fresh.Status = store.StudentInvited
	}
	if body.Metadata != nil {
		fresh.Metadata = *body.Metadata
	}
	if body.Tags != nil {
		fresh.Tags = *body.Tags
	}
	return fresh
}
