package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxMetadata bounds the metadata of a student after a patch. A new student's is bounded by the contract.
const maxMetadata = 50

// StudentPatch is a merge patch of a student.
type StudentPatch struct {
	Email       Change[string]
	DisplayName Change[string]
	Phone       Change[*string]
	Status      Change[string]
	ExternalID  Change[*string]
	// Metadata is merged key by key, and nil takes a key out; a nil map empties it all.
	Metadata Change[map[string]*string]
	Tags     Change[[]string] // replaces all tags; nil is none
	Source   Change[*string]
}

// UpdateStudent applies a patch and returns the student after it, with the former values of the members that changed,
// by their names in the contract: nil if nothing did, and then nothing is written.
// Invalid if another student has the e-mail address.
func (tx *Tx) UpdateStudent(ctx context.Context, id string, p StudentPatch) (Student, map[string]any, error) {
	before, err := tx.Student(ctx, id)
	if err != nil {
		return Student{}, nil, fmt.Errorf("update student %s: %w", id, err)
	}
	after := before
	previous, err := p.apply(&after)
	if err != nil || len(previous) == 0 {
		return after, nil, err
	}
	if after.EmailFolded != before.EmailFolded {
		if err := tx.wantFreeEmail(ctx, after.EmailFolded); err != nil {
			return Student{}, nil, err
		}
	}
	after.UpdatedAt = tx.now
	if err := tx.saveProfile(ctx, after); err != nil {
		return Student{}, nil, fmt.Errorf("update student %s: %w", id, err)
	}
	if _, tagged := previous["tags"]; tagged {
		err = tx.retag(ctx, after)
	}
	return after, previous, wrap("update the tags of student "+id, err)
}

// apply changes the student and returns the former values of what changed.
func (p StudentPatch) apply(s *Student) (map[string]any, error) {
	previous := map[string]any{}
	changeText(previous, "email", &s.Email, Change[string]{p.Email.Set, strings.TrimSpace(p.Email.Value)})
	s.EmailFolded = fold(s.Email)
	changeText(previous, "displayName", &s.DisplayName, p.DisplayName)
	changeTextOrNil(previous, "phone", &s.Phone, p.Phone)
	changeText(previous, "status", &s.Status, p.Status)
	changeTextOrNil(previous, "externalId", &s.ExternalID, p.ExternalID)
	changeTextOrNil(previous, "source", &s.Source, p.Source)
	change(previous, "tags", &s.Tags, Change[[]string]{p.Tags.Set, notNil(p.Tags.Value)}, slices.Equal)
	metadata := Change[map[string]string]{p.Metadata.Set, merge(s.Metadata, p.Metadata.Value)}
	change(previous, "metadata", &s.Metadata, metadata, maps.Equal)
	if len(s.Metadata) > maxMetadata {
		return nil, &Invalid{Field: "/metadata", Issue: fmt.Sprintf("must have at most %d keys after the change", maxMetadata)}
	}
	return previous, nil
}

// merge is stored with the keys of patch set or, where nil, taken out. A nil patch takes all out.
func merge(stored map[string]string, patch map[string]*string) map[string]string {
	merged := map[string]string{}
	if patch == nil {
		return merged
	}
	maps.Copy(merged, stored)
	for key, value := range patch {
		if value == nil {
			delete(merged, key)
			continue
		}
		merged[key] = *value
	}
	return merged
}

// wantFreeEmail refuses an address that a student has.
func (tx *Tx) wantFreeEmail(ctx context.Context, folded string) error {
	_, err := readStudent(ctx, tx.scope, "email_folded", folded)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return &Invalid{Field: "/email", Issue: "is the address of another student"}
}

// saveProfile writes all that an update may change, tags apart.
func (tx *Tx) saveProfile(ctx context.Context, s Student) error {
	n, err := rows[Student](tx.scope).Where("id = ?", s.ID).
		Select("email", "email_folded", "display_name", "phone", "status", "external_id", "metadata", "tags", "source",
			"updated_at").
		Updates(ctx, s)
	return affected(n, err)
}

// retag replaces the rows by which the filter finds the student's tags.
func (tx *Tx) retag(ctx context.Context, s Student) error {
	if _, err := tx.scope.exec(ctx, `DELETE FROM student_tags WHERE workspace_id = $1 AND id = $2`, s.ID); err != nil {
		return err
	}
	return insertAll(ctx, tx.scope, s.tagRows())
}
