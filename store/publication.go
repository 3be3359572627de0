package store

import (
	"context"
	"fmt"
	"time"
)

// Publish shows a draft now, also one that is scheduled for later, and reports whether that is new: publishing a
// published course changes nothing, and an archived one is refused.
func (tx *Tx) Publish(ctx context.Context, id string) (Course, bool, error) {
	course, err := tx.publishable(ctx, id)
	if err != nil || course.Status == CoursePublished {
		return course, false, err
	}
	course, err = tx.show(ctx, course)
	return course, err == nil, err
}

// SchedulePublication lets a draft be published at a time; nil cancels that. It reports whether it published the
// course, which it does if the time is not in the future. A draft stays a draft until PublishDue.
func (tx *Tx) SchedulePublication(ctx context.Context, id string, when *time.Time) (Course, bool, error) {
	course, err := tx.publishable(ctx, id)
	if err != nil {
		return Course{}, false, err
	}
	when = stored(when)
	later := when != nil && when.After(tx.now)
	switch {
	case course.Status == CoursePublished && later:
		return Course{}, false, &Invalid{Field: "/publishAt", Issue: "must not be in the future: the course is published already"}
	case course.Status == CoursePublished || sameTime(when, course.PublishAt) && (later || when == nil):
		return course, false, nil
	case when == nil || later:
		course.PublishAt, course.UpdatedAt = when, tx.now
		return course, false, tx.saveCourseState(ctx, course)
	}
	course, err = tx.show(ctx, course)
	return course, err == nil, err
}

// publishable reads a course that may be, or be made, public.
func (tx *Tx) publishable(ctx context.Context, id string) (Course, error) {
	course, err := readCourse(ctx, tx.scope, id)
	if err != nil {
		return Course{}, fmt.Errorf("publish course %s: %w", id, err)
	}
	if course.Status == CourseArchived {
		return Course{}, &Invalid{Field: "", Issue: "the course is archived and cannot be published"}
	}
	return course, nil
}

// show publishes a draft. Its publishedAt is that of the transaction, whatever time it was scheduled for.
func (tx *Tx) show(ctx context.Context, course Course) (Course, error) {
	course.Status, course.PublishedAt, course.PublishAt, course.UpdatedAt = CoursePublished, &tx.now, nil, tx.now
	return course, tx.saveCourseState(ctx, course)
}

// DuePublications finds drafts whose time to be published has come, over all workspaces, the longest due first, by
// courses_publish_at. Only drafts have such a time.
func (s *Store) DuePublications(ctx context.Context, limit int) ([]Due, error) {
	list, err := s.due(ctx, `SELECT workspace_id, id FROM courses WHERE publish_at IS NOT NULL AND publish_at <= {now}
		ORDER BY publish_at LIMIT $1`, limit)
	return list, wrap("find due publications", err)
}

// PublishDue publishes a course if it is still due, and reports whether it did: of any number of callers, one does.
func (tx *Tx) PublishDue(ctx context.Context, id string) (Course, bool, error) {
	course, err := readCourse(ctx, tx.scope, id)
	if err != nil {
		return Course{}, false, fmt.Errorf("publish course %s: %w", id, err)
	}
	if course.Status != CourseDraft || course.PublishAt == nil || course.PublishAt.After(tx.now) {
		return course, false, nil
	}
	course, err = tx.show(ctx, course)
	return course, err == nil, err
}

// Archive hides a course from the list, also a draft, and cancels its schedule. Its learners keep access. Archiving it
// again changes nothing.
func (tx *Tx) Archive(ctx context.Context, id string) (Course, bool, error) {
	course, err := readCourse(ctx, tx.scope, id)
	if err != nil || course.Status == CourseArchived {
		return course, false, wrap("archive course "+id, err)
	}
	course.Status, course.ArchivedAt, course.PublishAt, course.UpdatedAt = CourseArchived, &tx.now, nil, tx.now
	return course, true, tx.saveCourseState(ctx, course)
}

func (tx *Tx) saveCourseState(ctx context.Context, course Course) error {
	n, err := rows[Course](tx.scope).Where("id = ?", course.ID).
		Select("status", "publish_at", "published_at", "archived_at", "updated_at").
		Updates(ctx, course)
	return wrap("save the state of course "+course.ID, affected(n, err))
}

// sameTime reports whether two times that can be absent are equal.
func sameTime(a, b *time.Time) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}
