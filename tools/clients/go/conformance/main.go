// Command conformance is the conformance script in Go: the steps of tools/clients/README.md, made with the package gen/client.
// It prints one line a step, the same as the scripts in the other languages, and stops at the first that fails.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	err := run(ctx, os.Stdout)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A script is the service as three keys see it.
type script struct {
	full, reading, limited *client.ClientWithResponses
	student                *client.Student // made by the step create
}

// run takes the steps in their order.
func run(ctx context.Context, out io.Writer) (err error) {
	s := &script{}
	for name, to := range map[string]**client.ClientWithResponses{
		"TBC_KEY": &s.full, "TBC_READ_KEY": &s.reading, "TBC_LIMITED_KEY": &s.limited,
	} {
		if *to, err = connect(os.Getenv("TBC_URL"), os.Getenv(name)); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) (string, error)
	}{
		{"list", s.list}, {"create", s.create}, {"change", s.change}, {"enrol", s.enrol}, {"422", s.invalid},
		{"403", s.forbidden}, {"404", s.missing}, {"429", s.refused}, {"webhook", webhook},
	} {
		line, err := step.do(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(out, "%s: %s\n", step.name, line)
	}
	return nil
}

// connect makes a client that sends a key with every call.
func connect(origin, key string) (*client.ClientWithResponses, error) {
	return client.NewClientWithResponses(origin+"/api/v1", client.WithRequestEditorFn(
		func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+key)
			return nil
		}))
}

// list walks all students in pages of ten, and once more in pages of a hundred: both walks must see the same.
func (s *script) list(ctx context.Context) (string, error) {
	small, pages, err := s.walk(ctx, 10)
	if err != nil {
		return "", err
	}
	large, _, err := s.walk(ctx, 100)
	if err != nil {
		return "", err
	}
	if pages < 2 || len(small) != len(large) {
		return "", fmt.Errorf("%d students on %d pages, want %d on two or more", len(small), pages, len(large))
	}
	return "every student once, on two pages or more", nil
}

// walk follows the cursors to the end. It fails if a student comes twice.
func (s *script) walk(ctx context.Context, limit int) (seen map[string]bool, pages int, err error) {
	seen = map[string]bool{}
	for params := (&client.ListStudentsParams{Limit: &limit}); ; {
		res, err := s.full.ListStudentsWithResponse(ctx, params)
		if err != nil {
			return nil, 0, err
		}
		if res.JSON200 == nil {
			return nil, 0, fmt.Errorf("%s: %s", res.Status(), res.Body)
		}
		pages++
		for _, student := range res.JSON200.Data {
			if seen[student.ID] {
				return nil, 0, fmt.Errorf("%s comes twice", student.ID)
			}
			seen[student.ID] = true
		}
		if params.Cursor = res.JSON200.Pagination.NextCursor; params.Cursor == nil {
			return seen, pages, nil
		}
	}
}

// create makes a student whom nobody has made before, twice.
func (s *script) create(ctx context.Context) (string, error) {
	phone := "+919820012345"
	body := client.StudentCreate{
		Email: "go-" + strings.ToLower(rand.Text()) + "@example.com", DisplayName: "Asha Nair", Phone: &phone,
	}
	first, err := s.full.CreateStudentWithResponse(ctx, nil, body)
	if err != nil {
		return "", err
	}
	again, err := s.full.CreateStudentWithResponse(ctx, nil, body)
	if err != nil {
		return "", err
	}
	if first.JSON201 == nil || again.JSON200 == nil || first.JSON201.Data.ID != again.JSON200.Data.ID {
		return "", fmt.Errorf("%s, then %s: %s", first.Status(), again.Status(), again.Body)
	}
	s.student = &first.JSON201.Data
	return "201, then 200 with the same student", nil
}

// change clears one member with null and leaves the others out.
func (s *script) change(ctx context.Context) (string, error) {
	var null *string
	res, err := s.full.UpdateStudentWithResponse(ctx, s.student.ID, client.StudentPatch{Phone: &null})
	if err != nil {
		return "", err
	}
	if res.JSON200 == nil || res.JSON200.Data.Phone != nil || res.JSON200.Data.DisplayName != s.student.DisplayName {
		return "", fmt.Errorf("%s: %s", res.Status(), res.Body)
	}
	return "null clears the phone, and the name stays", nil
}

// enrol enrols the student in the newest course, twice.
func (s *script) enrol(ctx context.Context) (string, error) {
	courses, err := s.full.ListCoursesWithResponse(ctx, nil)
	if err != nil {
		return "", err
	}
	if courses.JSON200 == nil || len(courses.JSON200.Data) == 0 {
		return "", fmt.Errorf("no published course: %s: %s", courses.Status(), courses.Body)
	}
	body := client.EnrollmentCreate{StudentID: s.student.ID, CourseID: courses.JSON200.Data[0].ID}
	first, err := s.full.CreateEnrollmentWithResponse(ctx, nil, body)
	if err != nil {
		return "", err
	}
	again, err := s.full.CreateEnrollmentWithResponse(ctx, nil, body)
	if err != nil {
		return "", err
	}
	if first.JSON201 == nil || again.JSON200 == nil || first.JSON201.Data.ID != again.JSON200.Data.ID {
		return "", fmt.Errorf("%s, then %s: %s", first.Status(), again.Status(), again.Body)
	}
	return "201, then 200 with the same enrollment", nil
}
