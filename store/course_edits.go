package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
)

// What a course is if its author does not say.
const (
	defaultVisibility = "public"
	defaultLevel      = "all"
	defaultLanguage   = "en"
)

// NewCourse is what a caller decides about a course. It begins as a draft.
type NewCourse struct {
	Slug               string // "" is made from the title
	Title              string
	Subtitle           *string
	Description        *string
	Visibility         string // "" is public
	Level              string // "" is all
	Language           string // "" is en
	Category           *string
	Tags               []string
	ThumbnailURL       *string
	PriceAmount        int64
	Currency           string // "" is the workspace's, and no other is accepted
	CompareAtAmount    *int64
	Instructor         Instructor // without an id the workspace's owner, without a name the workspace's
	CertificateEnabled bool
	Modules            []NewModule
}

// CreateCourse makes a draft with its outline. Invalid if another course has the slug.
func (tx *Tx) CreateCourse(ctx context.Context, in NewCourse) (CourseDetail, error) {
	detail, err := tx.newCourse(ctx, in)
	if err != nil {
		return CourseDetail{}, fmt.Errorf("create course: %w", err)
	}
	if err := insert(ctx, tx.scope, &detail.Course); err != nil {
		return CourseDetail{}, fmt.Errorf("create course: %w", err)
	}
	return detail, wrap("create the outline", tx.insertOutline(ctx, detail.Modules))
}

// newCourse makes a course that is not stored yet.
func (tx *Tx) newCourse(ctx context.Context, in NewCourse) (detail CourseDetail, err error) {
	course := &detail.Course
	*course = Course{WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now, Status: CourseDraft,
		Title: in.Title, Subtitle: in.Subtitle, Description: in.Description, Visibility: or(in.Visibility, defaultVisibility),
		Level: or(in.Level, defaultLevel), Language: or(in.Language, defaultLanguage), Category: in.Category,
		Tags: notNil(in.Tags), ThumbnailURL: in.ThumbnailURL, CertificateEnabled: in.CertificateEnabled,
		Price: Price{Amount: in.PriceAmount, CompareAtAmount: in.CompareAtAmount}}
	if course.ID, err = tx.newID(prefixCourse); err != nil {
		return detail, err
	}
	if course.Price.Currency, err = tx.currency(in.Currency); err != nil {
		return detail, err
	}
	if course.Instructor, err = tx.instructor(ctx, in.Instructor); err != nil {
		return detail, err
	}
	if course.Slug, err = tx.slug(ctx, *course, in.Slug); err != nil {
		return detail, err
	}
	detail.Modules, err = tx.layOut(ctx, course, nil, in.Modules)
	return detail, err
}

// or is text, or instead of none what stands for it.
func or(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// currency is that of the workspace, which is the only one that a price may be in.
func (tx *Tx) currency(wanted string) (string, error) {
	cal, err := tx.calendar()
	if err == nil && wanted != "" && wanted != cal.currency {
		err = &Invalid{Field: "/price/currency", Issue: "must be " + cal.currency + ", the currency of the workspace"}
	}
	return cal.currency, err
}

// instructor fills in what is not said about the teacher: the workspace's first owner, by the workspace's name.
// ErrNotFound for one who is no member of the workspace.
func (tx *Tx) instructor(ctx context.Context, in Instructor) (Instructor, error) {
	if in.ID != "" && in.Name != "" {
		return in, nil
	}
	info, err := tx.Info(ctx)
	if err != nil {
		return Instructor{}, err
	}
	in.Name = or(in.Name, info.Name)
	who := sqlQuery{text: `SELECT user_id FROM workspace_members WHERE workspace_id = $1 AND role = 'owner'
		ORDER BY created_at, user_id LIMIT 1`}
	if in.ID != "" {
		who = sqlQuery{text: `SELECT user_id FROM workspace_members WHERE workspace_id = $1 AND user_id = $2`, args: []any{in.ID}}
	}
	in.ID, err = scanOne(ctx, tx.scope, who, scanText)
	return in, wrap("instructor", err)
}

// CoursePatch is a merge patch of a course. Modules replace the whole outline.
type CoursePatch struct {
	Slug               Change[string] // "" makes it from the title again
	Title              Change[string]
	Subtitle           Change[*string]
	Description        Change[*string]
	Visibility         Change[string] // "" is the default, as for a new course; so are Level and Language
	Level              Change[string]
	Language           Change[string]
	Category           Change[*string]
	Tags               Change[[]string] // replaces all tags; nil is none
	ThumbnailURL       Change[*string]
	PriceAmount        Change[int64]
	Currency           Change[string] // accepted only if it is the workspace's
	CompareAtAmount    Change[*int64]
	Instructor         Change[Instructor] // what is "" in it is filled in as for a new course
	CertificateEnabled Change[bool]
	Modules            Change[[]NewModule] // nil is none
}

// UpdateCourse applies a patch and reports whether that changed anything. Courses of every status can be edited,
// archived ones too: their learners still see them. A new outline recomputes the progress of all enrollments, and never
// completes or reopens one; a new title shows in all of them.
func (tx *Tx) UpdateCourse(ctx context.Context, id string, p CoursePatch) (CourseDetail, bool, error) {
	before, err := readCourse(ctx, tx.scope, id)
	if err != nil {
		return CourseDetail{}, false, fmt.Errorf("update course %s: %w", id, err)
	}
	outline, err := readOutline(ctx, tx.scope, id)
	if err != nil {
		return CourseDetail{}, false, fmt.Errorf("update course %s: %w", id, err)
	}
	after := CourseDetail{Course: before, Modules: outline}
	if err := tx.patchCourse(ctx, p, &after); err != nil {
		return CourseDetail{}, false, fmt.Errorf("update course %s: %w", id, err)
	}
	newOutline := !reflect.DeepEqual(after.Modules, outline)
	if !newOutline && reflect.DeepEqual(after.Course, before) {
		return after, false, nil
	}
	after.UpdatedAt = tx.now
	if newOutline {
		err = tx.replaceOutline(ctx, id, after.Modules)
	}
	if err == nil {
		err = tx.saveCourse(ctx, after.Course)
	}
	if err == nil && (newOutline || after.Title != before.Title) {
		err = tx.retotal(ctx, after.Course)
	}
	return after, err == nil, wrap("update course "+id, err)
}

// patchCourse changes a course that was read. Nothing is written.
func (tx *Tx) patchCourse(ctx context.Context, p CoursePatch, detail *CourseDetail) (err error) {
	course := &detail.Course
	p.apply(course)
	if p.Slug.Set && (p.Slug.Value == "" || p.Slug.Value != course.Slug) {
		if course.Slug, err = tx.slug(ctx, *course, p.Slug.Value); err != nil {
			return err
		}
	}
	if p.Currency.Set {
		if course.Price.Currency, err = tx.currency(p.Currency.Value); err != nil {
			return err
		}
	}
	if p.Instructor.Set {
		if course.Instructor, err = tx.instructor(ctx, p.Instructor.Value); err != nil {
			return err
		}
	}
	if p.Modules.Set {
		detail.Modules, err = tx.layOut(ctx, course, detail.Modules, p.Modules.Value)
	}
	return err
}

// apply changes the members that need nothing but their new value.
func (p CoursePatch) apply(c *Course) {
	p.Title.apply(&c.Title)
	p.Subtitle.apply(&c.Subtitle)
	p.Description.apply(&c.Description)
	p.Visibility.apply(&c.Visibility)
	p.Level.apply(&c.Level)
	p.Language.apply(&c.Language)
	p.Category.apply(&c.Category)
	p.ThumbnailURL.apply(&c.ThumbnailURL)
	p.PriceAmount.apply(&c.Price.Amount)
	p.CompareAtAmount.apply(&c.Price.CompareAtAmount)
	p.CertificateEnabled.apply(&c.CertificateEnabled)
	if p.Tags.Set {
		c.Tags = slices.Clone(notNil(p.Tags.Value))
	}
	c.Visibility, c.Level = or(c.Visibility, defaultVisibility), or(c.Level, defaultLevel)
	c.Language = or(c.Language, defaultLanguage)
}

// saveCourse writes all that an edit may change.
func (tx *Tx) saveCourse(ctx context.Context, course Course) error {
	n, err := rows[Course](tx.scope).Where("id = ?", course.ID).
		Select("slug", "title", "subtitle", "description", "visibility", "level", "language", "category", "tags",
			"thumbnail_url", "price_amount", "price_currency", "price_compare_at_amount", "instructor_id", "instructor_name",
			"module_count", "lesson_count", "duration_seconds", "certificate_enabled", "updated_at").
		Updates(ctx, course)
	return affected(n, err)
}
