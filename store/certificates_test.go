package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func (s *school) certify(studentID, courseID string, grade *string) (certificate store.Certificate, issued bool) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		certificate, issued, err = tx.IssueCertificate(s.tb.Context(),
			store.NewCertificate{StudentID: studentID, CourseID: courseID, Grade: grade})
		return err
	})
	return certificate, issued
}

// One certificate for each pair: a repeat returns the first, whatever else it says.
func TestIssueCertificate_OncePerStudentAndCourse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		s.enroll(student.ID, course.ID)
		first, issued := s.certify(student.ID, course.ID, ptr("Distinction"))
		if !issued || first.StudentName != student.DisplayName || first.CourseTitle != course.Title {
			t.Errorf("%v %+v", issued, first)
		}
		again, issued := s.certify(student.ID, course.ID, ptr("Pass"))
		if issued || again.ID != first.ID || *again.Grade != "Distinction" {
			t.Errorf("a second time: %v %+v", issued, again)
		}
		after := s.reread(student.ID)
		if after.Progress.CertificatesEarned != 1 || *after.Enrollments[0].CertificateID != first.ID {
			t.Errorf("the student shows %+v", after.Progress)
		}
		stored, err := s.Certificate(t.Context(), first.ID)
		page, listErr := s.Certificates(t.Context(), store.ListOptions{})
		if err != nil || stored.ID != first.ID || listErr != nil || len(page.Items) != 1 {
			t.Errorf("%+v %v, %d listed %v", stored, err, len(page.Items), listErr)
		}
	})
}

func TestIssueCertificate_ForeignIDsAreNotFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		mine, other := newSchool(t, db), newSchool(t, db)
		course, student := other.course(1), other.student()
		certificate, _ := other.certify(student.ID, course.ID, nil)
		if _, err := mine.Certificate(t.Context(), certificate.ID); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		for _, in := range []store.NewCertificate{
			{StudentID: student.ID, CourseID: mine.course(1).ID}, {StudentID: mine.student().ID, CourseID: course.ID},
		} {
			err := mine.Tx(t.Context(), func(tx *store.Tx) error { _, _, err := tx.IssueCertificate(t.Context(), in); return err })
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%+v: %v", in, err)
			}
		}
	})
}

// The public page tells name, course and day to whoever has the id, and nothing once the student was erased.
func TestPublicCertificate_KnowsNoPersonAfterErasure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		certificate, _ := s.certify(student.ID, course.ID, nil)
		public, err := db.PublicCertificate(t.Context(), certificate.ID)
		want := store.PublicCertificate{ID: certificate.ID, StudentName: student.DisplayName, CourseTitle: course.Title,
			IssuedAt: certificate.IssuedAt}
		if err != nil || public != want {
			t.Errorf("%+v %v", public, err)
		}
		s.tx(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "UPDATE certificates SET student_name = '' WHERE workspace_id = $1")
			return err
		})
		for _, id := range []string{certificate.ID, strings.ToLower(certificate.ID), "crt_unknown", ""} {
			if _, err := db.PublicCertificate(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%q: %v", id, err)
			}
		}
	})
}
