package server

import (
	"context"
	"errors"

	"github.com/thebigclass/api/gen"
)

// unimplemented answers the operations of the contract that have no handler yet.
type unimplemented struct{}

var errUnimplemented = errors.New("the operation has no handler")

func (unimplemented) ListLiveSessions(context.Context, gen.ListLiveSessionsRequestObject) (gen.ListLiveSessionsResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) CreateLiveSession(context.Context, gen.CreateLiveSessionRequestObject) (gen.CreateLiveSessionResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) GetLiveSession(context.Context, gen.GetLiveSessionRequestObject) (gen.GetLiveSessionResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) UpdateLiveSession(context.Context, gen.UpdateLiveSessionRequestObject) (gen.UpdateLiveSessionResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) EndLiveSession(context.Context, gen.EndLiveSessionRequestObject) (gen.EndLiveSessionResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) CreateRecording(context.Context, gen.CreateRecordingRequestObject) (gen.CreateRecordingResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) StartLiveSession(context.Context, gen.StartLiveSessionRequestObject) (gen.StartLiveSessionResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) ListRecordings(context.Context, gen.ListRecordingsRequestObject) (gen.ListRecordingsResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) GetRecording(context.Context, gen.GetRecordingRequestObject) (gen.GetRecordingResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) DeleteStudent(context.Context, gen.DeleteStudentRequestObject) (gen.DeleteStudentResponseObject, error) {
	return nil, errUnimplemented
}
