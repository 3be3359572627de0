package server

import (
	"context"
	"errors"

	"github.com/thebigclass/api/gen"
)

// unimplemented answers the operations of the contract that have no handler yet.
type unimplemented struct{}

var errUnimplemented = errors.New("the operation has no handler")

func (unimplemented) ListCertificates(context.Context, gen.ListCertificatesRequestObject) (gen.ListCertificatesResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) IssueCertificate(context.Context, gen.IssueCertificateRequestObject) (gen.IssueCertificateResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) GetCertificate(context.Context, gen.GetCertificateRequestObject) (gen.GetCertificateResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) CreateCourse(context.Context, gen.CreateCourseRequestObject) (gen.CreateCourseResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) UpdateCourse(context.Context, gen.UpdateCourseRequestObject) (gen.UpdateCourseResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) ArchiveCourse(context.Context, gen.ArchiveCourseRequestObject) (gen.ArchiveCourseResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) PublishCourse(context.Context, gen.PublishCourseRequestObject) (gen.PublishCourseResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) ListEnrollments(context.Context, gen.ListEnrollmentsRequestObject) (gen.ListEnrollmentsResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) BatchEnroll(context.Context, gen.BatchEnrollRequestObject) (gen.BatchEnrollResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) GetEnrollment(context.Context, gen.GetEnrollmentRequestObject) (gen.GetEnrollmentResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) RecordProgress(context.Context, gen.RecordProgressRequestObject) (gen.RecordProgressResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) RevokeEnrollment(context.Context, gen.RevokeEnrollmentRequestObject) (gen.RevokeEnrollmentResponseObject, error) {
	return nil, errUnimplemented
}

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

func (unimplemented) CreateOrder(context.Context, gen.CreateOrderRequestObject) (gen.CreateOrderResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) GetOrder(context.Context, gen.GetOrderRequestObject) (gen.GetOrderResponseObject, error) {
	return nil, errUnimplemented
}

func (unimplemented) RefundOrder(context.Context, gen.RefundOrderRequestObject) (gen.RefundOrderResponseObject, error) {
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

func (unimplemented) UpdateStudent(context.Context, gen.UpdateStudentRequestObject) (gen.UpdateStudentResponseObject, error) {
	return nil, errUnimplemented
}
