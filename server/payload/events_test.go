package payload_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

const baseURL = "https://thebigclass.com"

// records is one of everything that events are about, with all that can be null set, or nothing of it.
type records struct {
	student     store.Student
	enrollment  store.Enrollment
	order       store.Order
	course      store.Course
	session     store.LiveSession
	recording   store.Recording
	certificate store.Certificate
}

// events are those of all thirteen constructors.
func (r records) events() []store.Event {
	return []store.Event{
		payload.StudentCreated(r.student),
		payload.StudentUpdated(r.student, map[string]any{"displayName": "Before", "tags": []string{}}),
		payload.StudentDeleted(r.student.ID, r.student.UpdatedAt),
		payload.EnrollmentCreated(r.enrollment),
		payload.EnrollmentRevoked(r.enrollment),
		payload.OrderPaid(r.order),
		payload.OrderRefunded(r.order),
		payload.CoursePublished(r.course),
		payload.CourseArchived(r.course),
		payload.LiveSessionStarted(r.session),
		payload.LiveSessionEnded(r.session),
		payload.RecordingReady(r.recording),
		payload.CertificateIssued(r.certificate, baseURL),
	}
}

// bare has only what every record has; a member that is null must be shown as null.
func bare() records {
	const id = "01HXZK5Q7R9S1T3V5W7X9Y1Z3A"
	at := time.Date(2026, 5, 19, 14, 23, 14, 482913000, time.FixedZone("IST", 19800))
	return records{
		student: store.Student{ID: "stu_" + id, Email: "m@example.com", DisplayName: "Meera", Status: store.StudentActive, CreatedAt: at, UpdatedAt: at},
		enrollment: store.Enrollment{ID: "enr_" + id, StudentID: "stu_" + id, CourseID: "crs_" + id, CourseTitle: "Kathak", Status: "active", Source: "api",
			EnrolledAt: at, CreatedAt: at, UpdatedAt: at},
		order: store.Order{ID: "ord_" + id, Status: store.OrderPaid, Currency: "INR", Gateway: "manual", CreatedAt: at, UpdatedAt: at},
		course: store.Course{ID: "crs_" + id, Slug: "kathak", Title: "Kathak", Status: "published", Visibility: "public", Level: "beginner", Language: "en",
			Price: store.Price{Currency: "INR"}, Instructor: store.Instructor{ID: "usr_" + id, Name: "Asha"}, CreatedAt: at, UpdatedAt: at},
		session:     store.LiveSession{ID: "liv_" + id, Title: "Turns", Status: store.SessionScheduled, ScheduledAt: at, DurationMinutes: 60, CreatedAt: at, UpdatedAt: at},
		recording:   store.Recording{ID: "rec_" + id, LiveSessionID: "liv_" + id, Title: "Turns", URL: "https://media.example.com/r.mp4", CreatedAt: at, UpdatedAt: at},
		certificate: store.Certificate{ID: "crt_" + id, StudentID: "stu_" + id, CourseID: "crs_" + id, CourseTitle: "Kathak", IssuedAt: at, CreatedAt: at, UpdatedAt: at},
	}
}

// full has everything set.
func full() records {
	r := bare()
	at, text, amount := r.student.CreatedAt, "text", int64(7)
	r.student.Phone, r.student.ExternalID, r.student.Source, r.student.LastSeenAt = ptr("+919812345678"), &text, &text, &at
	r.student.Metadata, r.student.Tags = map[string]string{"a": "b"}, []string{"lead"}
	r.enrollment.Note, r.enrollment.OrderID, r.enrollment.CompletedAt, r.enrollment.RevokedAt = &text, ptr(r.order.ID), &at, &at
	r.enrollment.RevokedReason, r.enrollment.ExpiresAt, r.enrollment.CertificateID = &text, &at, ptr(r.certificate.ID)
	r.enrollment.History = []store.HistoryEntry{{Action: "enrolled", At: at, Source: "api"}}
	r.student.Enrollments = []store.Enrollment{r.enrollment}
	r.order.StudentID, r.order.CustomerEmail, r.order.CustomerName = ptr(r.student.ID), ptr("m@example.com"), &text
	r.order.Items = []store.OrderItem{{ProductID: ptr(r.course.ID), Kind: "course", Title: "Kathak", Amount: 7}}
	r.order.GatewayFeeAmount, r.order.GatewayFeeTaxAmount, r.order.PlatformFeeAmount, r.order.NetAmount = &amount, &amount, &amount, &amount
	r.order.CouponCode, r.order.Method, r.order.PaymentID, r.order.PaidAt, r.order.RefundedAt = &text, &text, &text, &at, &at
	r.course.Subtitle, r.course.Category, r.course.PublishedAt, r.course.ArchivedAt = &text, &text, &at, &at
	r.session.CourseID, r.session.Provider, r.session.JoinURL, r.session.Status = ptr(r.course.ID), &text, ptr("https://meet.example.com/x"), store.SessionEnded
	r.session.StartedAt, r.session.EndedAt, r.session.DurationSeconds, r.session.AttendeeCount = &at, &at, &amount, &amount
	r.recording.CourseID, r.recording.URLExpiresAt, r.recording.DurationSeconds, r.recording.SizeBytes = ptr(r.course.ID), &at, &amount, &amount
	r.recording.MimeType, r.recording.StartedAt, r.recording.EndedAt = ptr("video/mp4"), &at, &at
	r.certificate.StudentName, r.certificate.Grade = "Meera", &text
	return r
}

func ptr[T any](value T) *T { return &value }

func TestEvents_AreTheContractsThirteen(t *testing.T) {
	t.Parallel()
	var ours, contracts []string
	for _, event := range full().events() {
		ours = append(ours, event.Type)
	}
	for _, event := range gen.Events {
		if event.Subscribable {
			contracts = append(contracts, event.Type)
		}
	}
	if !slices.Equal(ours, contracts) || len(ours) != 13 {
		t.Errorf("constructors for %v, the contract has %v", ours, contracts)
	}
}

// People write receivers against the examples, so each is what the contract says, and none is missing.
func TestEvents_ExamplesAreWhatTheContractSays(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(openapi.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	subscribable := 0
	for _, event := range gen.Events {
		if event.Subscribable {
			subscribable++
		}
		var envelope struct{ Type string }
		if err := json.Unmarshal([]byte(event.Example), &envelope); err != nil || envelope.Type != event.Type {
			t.Errorf("the example of %s is one of %q, %v", event.Type, envelope.Type, err)
		}
		checkBody(t, document, event.Type, []byte(event.Example))
	}
	if len(gen.Events) != 14 || subscribable != 13 {
		t.Errorf("%d examples, %d of events that can be subscribed to; want the thirteen and webhook.test", len(gen.Events), subscribable)
	}
}

// Erasure finds events by their subjects: one that is missing would keep a person's data for 30 days.
func TestEvents_NameTheStudentsTheyAreAbout(t *testing.T) {
	t.Parallel()
	r := full()
	for _, event := range r.events() {
		encoded, err := json.Marshal(event.Data)
		if err != nil {
			t.Fatal(err)
		}
		named := bytes.Contains(encoded, []byte(r.student.ID))
		if listed := slices.Equal(event.Subjects, []string{r.student.ID}); named != listed {
			t.Errorf("%s names the student: %v, lists the student: %v", event.Type, named, listed)
		}
	}
}

// What is stored, signed and sent is what the contract declares for that event, and decodes into its type.
func TestEvents_BodiesFollowTheContract(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(openapi.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.SQLite(t)
	workspace := db.NewWorkspace(t)
	all := append(bare().events(), full().events()...)
	storetest.Tx(t, workspace, func(tx *store.Tx) error {
		for _, event := range all {
			event.Subjects = nil // these students are in no table
			if err := tx.Emit(t.Context(), event); err != nil {
				return err
			}
		}
		return nil
	})
	storetest.Tx(t, workspace, func(tx *store.Tx) error {
		endpoint, _, err := tx.CreateEndpoint(t.Context(), store.NewEndpoint{URL: "https://example.com", Events: []string{"*"}})
		if err != nil {
			return err
		}
		_, err = tx.TestEndpoint(t.Context(), endpoint.ID)
		return err
	})
	stored, err := workspace.Events(t.Context(), store.EventQuery{Limit: 100})
	if err != nil || len(stored.Items) != len(all) {
		t.Fatalf("%d events are stored, want %d: %v", len(stored.Items), len(all), err)
	}
	for _, event := range stored.Items {
		checkBody(t, document, event.Type, event.Body)
	}
	claims, err := db.Store.ClaimDeliveries(t.Context(), 100)
	if err != nil || len(claims) != 1 || claims[0].EventType != gen.EventWebhookTest {
		t.Fatalf("claimed %+v, want the test delivery: %v", claims, err)
	}
	checkBody(t, document, gen.EventWebhookTest, claims[0].Body)
}

func checkBody(t *testing.T, document *openapi3.T, kind string, body []byte) {
	t.Helper()
	declared := slices.IndexFunc(gen.Events, func(e gen.EventInfo) bool { return e.Type == kind })
	if declared < 0 {
		t.Fatalf("the contract has no %s", kind)
	}
	typed := gen.Events[declared].New()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	schema := document.Components.Schemas[reflect.TypeOf(typed).Elem().Name()].Value
	if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
		t.Errorf("%s against the contract: %v\n%s", kind, err, body)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(typed); err != nil {
		t.Errorf("%s does not decode into %T: %v", kind, typed, err)
	}
}
