package server

import (
	"context"

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
// student, unchanged: a CRM may send the same lead twice.
func (a *API) CreateStudent(ctx context.Context, req gen.CreateStudentRequestObject) (gen.CreateStudentResponseObject, error) {
	return once(ctx, a, gen.CreateStudentResponseObject.VisitCreateStudentResponse, func(tx *store.Tx) (gen.CreateStudentResponseObject, error) {
		student, created, err := tx.CreateStudent(ctx, newStudent(*req.Body))
		if err != nil {
			return nil, err
		}
		body := gen.StudentResponse{Data: payload.Student(student)}
		if !created {
			return gen.CreateStudent200JSONResponse(body), nil
		}
		if err := tx.Emit(ctx, payload.StudentCreated(student)); err != nil || student.Status != store.StudentInvited {
			return gen.CreateStudent201JSONResponse(body), err
		}
		return gen.CreateStudent201JSONResponse(body), a.invite(ctx, tx, student)
	})
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
	if fresh.Source == nil {
		source := store.SourceAPI // what an answer would show anyway; an update must not tell of it as a change
		fresh.Source = &source
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

// UpdateStudent changes a profile and tells what changed. Only an invitation
// makes a student invited: a patch cannot.
func (a *API) UpdateStudent(ctx context.Context, req gen.UpdateStudentRequestObject) (gen.UpdateStudentResponseObject, error) {
	return once(ctx, a, gen.UpdateStudentResponseObject.VisitUpdateStudentResponse, func(tx *store.Tx) (gen.UpdateStudentResponseObject, error) {
		student, previous, err := tx.UpdateStudent(ctx, req.ID, studentPatch(*req.Body))
		if err != nil {
			return nil, err
		}
		response := gen.UpdateStudent200JSONResponse{Data: payload.Student(student)}
		if len(previous) == 0 {
			return response, nil
		}
		if _, moved := previous["status"]; moved && student.Status == store.StudentInvited {
			return nil, invalid("/status", "cannot become invited: only an invitation does that")
		}
		return response, tx.Emit(ctx, payload.StudentUpdated(student, previous))
	})
}

func studentPatch(body gen.StudentPatch) store.StudentPatch {
	var source store.Change[*string] // a student always has one
	if body.Source != nil {
		source = store.To(body.Source)
	}
	return store.StudentPatch{
		Email:       patched(body.Email),
		DisplayName: patched(body.DisplayName),
		Phone:       patchedOrNull(body.Phone),
		Status:      patched((*string)(body.Status)),
		ExternalID:  patchedOrNull(body.ExternalID),
		Metadata:    patchedOrEmpty(body.Metadata),
		Tags:        patchedOrEmpty(body.Tags),
		Source:      source,
	}
}

// DeleteStudent erases a student. What is told of it afterwards is nothing personal.
func (a *API) DeleteStudent(ctx context.Context, req gen.DeleteStudentRequestObject) (gen.DeleteStudentResponseObject, error) {
	return once(ctx, a, gen.DeleteStudentResponseObject.VisitDeleteStudentResponse, func(tx *store.Tx) (gen.DeleteStudentResponseObject, error) {
		erased, err := tx.EraseStudent(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		response := gen.DeleteStudent200JSONResponse{Data: payload.DeletedStudent(erased.ID, erased.DeletedAt)}
		return response, tx.Emit(ctx, payload.StudentDeleted(erased.ID, erased.DeletedAt))
	})
}
