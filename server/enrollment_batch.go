package server

import (
	"context"
	"fmt"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// BatchEnroll enrols by many items, each as if it came alone: one that fails
// fails with the error of its own call, inside a 200.
func (a *API) BatchEnroll(ctx context.Context, req gen.BatchEnrollRequestObject) (gen.BatchEnrollResponseObject, error) {
	if err := checkBatch(req.Body.Items); err != nil {
		return nil, err
	}
	invited := valueOr(req.Body.SendInvite, false)
	return once(ctx, a, gen.BatchEnrollResponseObject.VisitBatchEnrollResponse, func(tx *store.Tx) (gen.BatchEnrollResponseObject, error) {
		outcomes, err := tx.EnrollBatch(ctx, payload.List(req.Body.Items, batchItem), invited)
		if err != nil {
			return nil, err
		}
		response := gen.BatchEnroll200JSONResponse{Data: make([]gen.EnrollmentBatchResult, len(outcomes))}
		var toInvite []store.Student
		for i, outcome := range outcomes {
			response.Data[i] = a.batchResult(ctx, i, outcome)
			if err := emitAll(ctx, tx, eventsOf(outcome)); err != nil {
				return nil, err
			}
			if invited && outcome.NewStudent != nil {
				toInvite = append(toInvite, *outcome.NewStudent)
			}
		}
		return response, a.invite(ctx, tx, toInvite...)
	})
}

// checkBatch finds items that name their student in both ways or in none.
func checkBatch(items []gen.EnrollmentBatchItem) error {
	var details []gen.ErrorDetail
	for i, item := range items {
		byAddress := item.Email != nil && item.DisplayName != nil
		if half := !byAddress && (item.Email != nil || item.DisplayName != nil); half || byAddress == (item.StudentID != nil) {
			details = append(details, gen.ErrorDetail{
				Field: fmt.Sprintf("/items/%d", i), Issue: "must have either studentId or both email and displayName",
			})
		}
	}
	if len(details) == 0 {
		return nil
	}
	return &problem{code: gen.ErrorCodeInvalidRequest, details: details}
}

func batchItem(item gen.EnrollmentBatchItem) store.BatchItem {
	return store.BatchItem{
		StudentID:   item.StudentID,
		Email:       valueOr(item.Email, ""),
		DisplayName: valueOr(item.DisplayName, ""),
		CourseID:    item.CourseID,
	}
}

// eventsOf tells what one item did: whom it made first.
func eventsOf(outcome store.BatchOutcome) (events []store.Event) {
	if outcome.NewStudent != nil {
		events = append(events, payload.StudentCreated(*outcome.NewStudent))
	}
	if outcome.Status == store.BatchCreated || outcome.Status == store.BatchReinstated {
		events = append(events, payload.EnrollmentCreated(outcome.Enrollment))
	}
	return events
}

// batchResult shows an outcome. An error gets the public words that its own call
// would have got, with pointers that lead into this body.
func (a *API) batchResult(ctx context.Context, i int, outcome store.BatchOutcome) gen.EnrollmentBatchResult {
	result := gen.EnrollmentBatchResult{Index: i, Status: gen.EnrollmentBatchStatus(outcome.Status)}
	if outcome.Err == nil {
		enrollment := payload.Enrollment(outcome.Enrollment)
		result.Enrollment = &enrollment
		return result
	}
	p := toProblem(outcome.Err)
	a.logProblem(ctx, p, p.code.Status())
	body := p.envelope(callOf(ctx).requestID).Error
	result.Error = &gen.EnrollmentBatchError{Code: body.Code, Message: body.Message}
	if len(p.details) > 0 {
		below := payload.List(p.details, func(d gen.ErrorDetail) gen.ErrorDetail {
			return gen.ErrorDetail{Field: fmt.Sprintf("/items/%d%s", i, d.Field), Issue: d.Issue}
		})
		result.Error.Details = &below
	}
	return result
}
