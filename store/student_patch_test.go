package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func (s *school) update(id string, patch store.StudentPatch) (after store.Student, previous map[string]any) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		after, previous, err = tx.UpdateStudent(s.tb.Context(), id, patch)
		return err
	})
	return after, previous
}

// patched makes a student with every member set.
func (s *school) patched() (student store.Student) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		student, _, err = tx.CreateStudent(s.tb.Context(), store.NewStudent{Email: "zoe@example.com", DisplayName: "Zoë",
			Phone: ptr("+919820012345"), ExternalID: ptr("crm-1"), Metadata: map[string]string{"city": "Pune", "size": "M"},
			Tags: []string{"vip", "beta"}, Source: ptr("website")})
		return err
	})
	return student
}

// A merge patch has three states: what is absent stays, null clears, a value sets.
func TestUpdateStudent_AbsentStaysNullClearsValueSets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		for name, c := range map[string]struct {
			patch    store.StudentPatch
			previous string
			check    func(after store.Student) bool
		}{
			"null phone": {store.StudentPatch{Phone: store.To[*string](nil)}, `{"phone":"+919820012345"}`,
				func(after store.Student) bool { return after.Phone == nil && after.ExternalID != nil }},
			"names": {store.StudentPatch{DisplayName: store.To("Zoe"), Status: store.To(store.StudentInactive)},
				`{"displayName":"Zoë","status":"active"}`,
				func(after store.Student) bool { return after.DisplayName == "Zoe" && after.Status == "inactive" }},
			"metadata by key": {store.StudentPatch{Metadata: store.To(map[string]*string{"city": nil, "team": ptr("a")})},
				`{"metadata":{"city":"Pune","size":"M"}}`,
				func(after store.Student) bool { return fmt.Sprint(after.Metadata) == "map[size:M team:a]" }},
			"metadata null": {store.StudentPatch{Metadata: store.To[map[string]*string](nil)},
				`{"metadata":{"city":"Pune","size":"M"}}`,
				func(after store.Student) bool { return len(after.Metadata) == 0 && after.Metadata != nil }},
			"tags": {store.StudentPatch{Tags: store.To([]string{"new"}), Source: store.To(ptr("referral"))},
				`{"source":"website","tags":["vip","beta"]}`,
				func(after store.Student) bool {
					return fmt.Sprint(after.Tags) == "[new]" && *after.Source == "referral"
				}},
			"case of the address": {store.StudentPatch{Email: store.To(" Zoe@Example.com")}, `{"email":"zoe@example.com"}`,
				func(after store.Student) bool { return after.Email == "Zoe@Example.com" }},
		} {
			s := newSchool(t, db)
			student := s.patched()
			after, previous := s.update(student.ID, c.patch)
			got, err := json.Marshal(previous)
			if err != nil || string(got) != c.previous {
				t.Errorf("%s: previous %s, want %s", name, got, c.previous)
			}
			reread := s.reread(student.ID)
			if !c.check(after) || !c.check(reread) || !after.UpdatedAt.Equal(reread.UpdatedAt) {
				t.Errorf("%s: %+v, stored %+v", name, after, reread)
			}
			if !after.UpdatedAt.After(student.UpdatedAt) {
				t.Errorf("%s did not move updatedAt", name)
			}
		}
	})
}

func TestUpdateStudent_SameValuesWriteNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		student := s.patched()
		after, previous := s.update(student.ID, store.StudentPatch{Email: store.To(student.Email),
			Phone: store.To(ptr(*student.Phone)), Tags: store.To([]string{"vip", "beta"}),
			Metadata: store.To(map[string]*string{"city": ptr("Pune"), "gone": nil})})
		if previous != nil || !after.UpdatedAt.Equal(student.UpdatedAt) {
			t.Errorf("previous %v, updatedAt %v, want nothing to change", previous, after.UpdatedAt)
		}
		if !s.reread(student.ID).UpdatedAt.Equal(student.UpdatedAt) {
			t.Error("an update without a change moved updatedAt")
		}
	})
}

func TestUpdateStudent_TagsAreFoundByTheirNewNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		student := s.patched()
		s.update(student.ID, store.StudentPatch{Tags: store.To([]string{"new", "vip"})})
		for tag, want := range map[string]int{"vip": 1, "new": 1, "beta": 0} {
			page, err := s.Students(t.Context(), store.StudentQuery{Tag: &tag})
			if err != nil || len(page.Items) != want {
				t.Errorf("%d students with tag %s and %v, want %d", len(page.Items), tag, err, want)
			}
		}
	})
}

func TestUpdateStudent_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		student, second := s.patched(), s.student()
		full := map[string]*string{}
		for i := range 49 {
			full[fmt.Sprint(i)] = ptr("x")
		}
		for name, c := range map[string]struct {
			id    string
			patch store.StudentPatch
			field string // "" is ErrNotFound
		}{
			"taken address":    {student.ID, store.StudentPatch{Email: store.To(strings.ToUpper(second.Email))}, "/email"},
			"51 keys":          {student.ID, store.StudentPatch{Metadata: store.To(full)}, "/metadata"},
			"foreign":          {other.student().ID, store.StudentPatch{DisplayName: store.To("X")}, ""},
			"unknown":          {"stu_unknown", store.StudentPatch{}, ""},
			"id of other kind": {s.course(1).ID, store.StudentPatch{DisplayName: store.To("X")}, ""},
		} {
			err := s.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.UpdateStudent(t.Context(), c.id, c.patch)
				return err
			})
			refusal, invalid := errors.AsType[*store.Invalid](err)
			if c.field == "" && !errors.Is(err, store.ErrNotFound) || c.field != "" && (!invalid || refusal.Field != c.field) {
				t.Errorf("%s: %v, want a refusal of %q", name, err, c.field)
			}
		}
		after, _ := s.update(second.ID, store.StudentPatch{Email: store.To("free@example.com")})
		s.update(student.ID, store.StudentPatch{Email: store.To(second.Email)}) // the address that became free
		if after.EmailFolded != "free@example.com" {
			t.Errorf("the new address is %q", after.EmailFolded)
		}
	})
}
