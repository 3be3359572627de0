package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func (s *school) erase(id string) (erased store.Erased) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		erased, err = tx.EraseStudent(s.tb.Context(), id)
		return err
	})
	return erased
}

// dumpAll is every value of every table of the main database as text.
func dumpAll(t *testing.T, db *storetest.DB) map[string]string {
	t.Helper()
	raw, list := openRaw(t, db), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	if db.Dialect() == store.SQLite {
		list = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	}
	dumps := map[string]string{}
	for _, table := range facts(t, raw, []string{list}) {
		found, err := raw.QueryContext(t.Context(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		dumps[table] = dumpRows(t, found)
	}
	return dumps
}

func dumpRows(t *testing.T, found *sql.Rows) string {
	t.Helper()
	defer found.Close()
	names, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for found.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		if err := found.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for _, value := range values {
			fmt.Fprintf(&text, "%s|", value.(*sql.NullString).String)
		}
	}
	return text.String()
}

// personal are values of which nothing may be left. Each has a place of its own.
var personal = []string{
	"zoe.secret@example.com", "Zoë Secret", "+4915112345", "crm-secret", "city-secret", "tag-secret", "source-secret",
	"note-secret", "reason-secret", "grade-secret", "refund-secret", "mail-secret", "Checkout Secret",
}

// person makes a student who left traces everywhere: enrollments, orders (a test order too), a refund, certificates,
// events with deliveries and attempts, e-mails and kept answers.
func (s *school) person(t *testing.T) store.Student {
	t.Helper()
	ctx := t.Context()
	var student store.Student
	s.tx(func(tx *store.Tx) (err error) {
		if _, _, err = tx.CreateEndpoint(ctx, store.NewEndpoint{URL: "https://example.com", Events: []string{"*"}}); err != nil {
			return err
		}
		student, _, err = tx.CreateStudent(ctx, store.NewStudent{Email: "Zoe.secret@example.com", DisplayName: "Zoë Secret",
			Phone: ptr("+4915112345"), ExternalID: ptr("crm-secret"), Metadata: map[string]string{"city": "city-secret"},
			Tags: []string{"tag-secret"}, Source: ptr("source-secret")})
		return err
	})
	noted, bought, learned := s.course(1), s.course(1), s.course(1)
	s.tx(func(tx *store.Tx) error {
		e, _, err := tx.Enroll(ctx, store.NewEnrollment{StudentID: student.ID, CourseID: noted.ID, Note: ptr("note-secret")})
		if err != nil {
			return err
		}
		_, _, err = tx.Revoke(ctx, e.ID, ptr("reason-secret"), store.SourceManual)
		return err
	})
	order := s.order(store.Student{Email: "zoe.SECRET@example.com", DisplayName: "Checkout Secret"}, "pay_1", bought.ID)
	s.refund(store.NewRefund{OrderID: order.ID, Amount: ptr(int64(1)), Reason: ptr("refund-secret")})
	s.complete(s.enroll(student.ID, learned.ID), learned, 1)
	s.tx(func(tx *store.Tx) error {
		_, _, err := tx.IssueCertificate(ctx, store.NewCertificate{StudentID: student.ID, CourseID: noted.ID, Grade: ptr("grade-secret")})
		if err != nil {
			return err
		}
		_, _, err = tx.RecordOrder(ctx, store.NewOrder{Email: "ZOE.secret@example.com", Name: "Checkout Secret", Test: true,
			Currency: "EUR", Gateway: "manual", Items: []store.OrderItem{{Kind: "other", Title: "T", Amount: 5}}})
		return err
	})
	s.speakOf(t, student, order)
	return s.reread(student.ID)
}

// speakOf puts the student into events, e-mails and kept answers.
func (s *school) speakOf(t *testing.T, student store.Student, order store.Order) {
	t.Helper()
	key, _ := s.NewKey(t, s.Workspace, store.NewKey{})
	s.tx(func(tx *store.Tx) error {
		bodies := []string{`{"data":{"id":"` + student.ID + `"}}`, `{"data":{"customer":{"email":"zoe.secret@EXAMPLE.com"}}}`, `{}`}
		for i, body := range bodies {
			kept := store.IdempotencyKey{KeyID: key.ID, Key: fmt.Sprint(i)}
			if err := tx.KeepAnswer(t.Context(), kept, store.Answer{Status: 201, Body: []byte(body)}); err != nil {
				return err
			}
		}
		customer := map[string]any{"studentId": student.ID, "email": order.CustomerEmail, "name": order.CustomerName}
		return errors.Join(
			tx.Emit(t.Context(), store.Event{Type: "student.created", Data: map[string]any{"id": student.ID,
				"email": student.Email, "displayName": student.DisplayName}, Subjects: []string{student.ID}}),
			tx.Emit(t.Context(), store.Event{Type: "order.paid", Data: map[string]any{"id": order.ID, "customer": customer},
				Subjects: []string{student.ID}}),
			tx.Mail(t.Context(), store.NewEmail{Kind: "invite", Recipients: []string{student.Email}, Subject: "mail-secret",
				StudentID: &student.ID}))
	})
}

// This is the promise of DELETE: whatever the student left, in no table is anything of the person afterwards.
func TestEraseStudent_LeavesNothingOfThePersonInAnyTable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		s.person(t)
		before := strings.ToLower(fmt.Sprint(dumpAll(t, db)))
		for _, value := range personal {
			if !strings.Contains(before, strings.ToLower(value)) {
				t.Fatalf("%q is nowhere before: the test would not notice it", value)
			}
		}
		page, err := s.Students(t.Context(), store.StudentQuery{Tag: ptr("tag-secret")})
		if err != nil || len(page.Items) != 1 {
			t.Fatal(page, err)
		}
		s.erase(page.Items[0].ID)
		for table, dump := range dumpAll(t, db) {
			for _, value := range personal {
				if strings.Contains(strings.ToLower(dump), strings.ToLower(value)) {
					t.Errorf("%q is left in %s", value, table)
				}
			}
			if table == "idempotency_answers" && strings.Count(dump, "key_") != 1 {
				t.Errorf("kept answers: %q, want the one that does not name the student", dump)
			}
		}
	})
}

func TestEraseStudent_KeepsWhatFiguresNeed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		student := s.person(t)
		erased := s.erase(student.ID)
		if erased.ID != student.ID || !erased.DeletedAt.After(student.UpdatedAt) {
			t.Errorf("erased %+v", erased)
		}
		orders, err := s.Orders(t.Context(), store.OrderQuery{StudentID: &student.ID})
		if err != nil || len(orders.Items) != 1 {
			t.Fatal(orders, err)
		}
		order := orders.Items[0]
		if order.GrossAmount != 5000 || order.RefundedAmount != 1 || order.CustomerEmail != nil || order.CustomerName != nil ||
			order.Entitlements[0].RevokedAt == nil || order.UpdatedAt != erased.DeletedAt {
			t.Errorf("order %+v", order)
		}
		for _, e := range student.Enrollments {
			after, err := s.Enrollment(t.Context(), e.ID)
			if err != nil || after.Status != store.EnrollmentRevoked || after.RevokedAt == nil || after.Note != nil {
				t.Errorf("enrollment %+v, %v", after, err)
			}
			if course := s.rereadCourse(e.CourseID); course.EnrolledCount != 0 {
				t.Errorf("enrolledCount %d, want 0", course.EnrolledCount)
			}
		}
		wantRebuildChangesNothing(t, db, s.Workspace)
	})
}

func TestEraseStudent_IsFoundNowhereAndTheAddressIsFree(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		student, course, bystander := s.patched(), s.course(1), other.patched()
		s.erase(student.ID)
		for name, try := range map[string]func(tx *store.Tx) error{
			"read":  func(*store.Tx) error { _, err := s.Workspace.Student(t.Context(), student.ID); return err },
			"erase": func(tx *store.Tx) error { _, err := tx.EraseStudent(t.Context(), student.ID); return err },
			"update": func(tx *store.Tx) error {
				_, _, err := tx.UpdateStudent(t.Context(), student.ID, store.StudentPatch{})
				return err
			},
			"enrol": func(tx *store.Tx) error {
				_, _, err := tx.Enroll(t.Context(), store.NewEnrollment{StudentID: student.ID, CourseID: course.ID})
				return err
			},
			"batch": func(tx *store.Tx) error {
				got, err := tx.EnrollBatch(t.Context(), []store.BatchItem{{StudentID: &student.ID, CourseID: course.ID}}, false)
				return errors.Join(err, got[0].Err)
			},
			"erase a foreign one": func(tx *store.Tx) error { _, err := tx.EraseStudent(t.Context(), bystander.ID); return err },
		} {
			if err := s.Tx(t.Context(), try); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		for _, since := range []*time.Time{nil, &storetest.Start} {
			page, err := s.Students(t.Context(), store.StudentQuery{ListOptions: store.ListOptions{UpdatedSince: since}})
			if err != nil || len(page.Items) != 0 {
				t.Errorf("listed %+v, %v", page.Items, err)
			}
		}
		if again := s.patched(); again.ID == student.ID {
			t.Error("the address brought the erased student back")
		}
	})
}
