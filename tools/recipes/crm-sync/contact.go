package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// contact is a student, as a CRM has one.
type contact struct {
	id, email, name, phone string
	tags, courses          []string

	former string // the e-mail address before this event, if it has changed
}

// target is where contacts go. Putting one twice is the same as once.
type target interface {
	name() string
	put(ctx context.Context, c contact) error
}

// syncer puts the student of an event into all targets.
type syncer struct {
	api     *recipe.API
	targets []target
}

func (s syncer) work(ctx context.Context, task recipe.Task) error {
	id, err := studentOf(task)
	if err != nil || id == "" {
		return err
	}
	student, found, err := s.api.Student(ctx, task, id)
	if err != nil || !found {
		return err
	}
	c := newContact(student)
	// Only an earlier address can tell that a contact is this student's.
	if before := ""; json.Unmarshal(task.PreviousAttributes["email"], &before) == nil && !strings.EqualFold(before, c.email) {
		c.former = before
	}
	var put []error
	for _, to := range s.targets {
		put = append(put, task.Step(ctx, to.name(), func() error { return to.put(ctx, c) }))
	}
	return recipe.Join(put...)
}

// studentOf is empty if the event was erased with its student.
func studentOf(task recipe.Task) (string, error) {
	var data struct {
		ID        string `json:"id"`
		StudentID string `json:"studentId"`
		Erased    bool   `json:"erased"`
	}
	if err := json.Unmarshal(task.Data, &data); err != nil {
		return "", recipe.Permanent(fmt.Errorf("the event's data cannot be read: %w", err))
	}
	id := data.ID
	if strings.HasPrefix(task.Type, "enrollment.") {
		id = data.StudentID
	}
	switch {
	case data.Erased:
		return "", nil
	case id == "":
		return "", recipe.Permanent(fmt.Errorf("the data of %s name no student", task.Type))
	}
	return id, nil
}

// newContact has the courses that the student can take now, by title.
func newContact(s client.Student) contact {
	c := contact{id: s.ID, email: s.Email, name: s.DisplayName, tags: s.Tags}
	if s.Phone != nil {
		c.phone = *s.Phone
	}
	for _, e := range s.Enrollments {
		if e.Status == client.EnrollmentStatusActive || e.Status == client.EnrollmentStatusCompleted {
			c.courses = append(c.courses, e.CourseTitle)
		}
	}
	slices.Sort(c.courses)
	return c
}

// list joins texts with semicolons, which therefore become commas within them.
func list(texts []string) string {
	parts := make([]string, 0, len(texts))
	for _, text := range texts {
		parts = append(parts, strings.ReplaceAll(text, ";", ","))
	}
	return strings.Join(parts, ";")
}
