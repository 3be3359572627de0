package store

import "context"

// Course reads a course with its outline as the Tx sees it, a draft too: three queries.
func (tx *Tx) Course(ctx context.Context, id string) (CourseDetail, error) {
	course, err := readCourse(ctx, tx.scope, id)
	if err != nil {
		return CourseDetail{}, wrap("course "+id, err)
	}
	modules, err := readOutline(ctx, tx.scope, id)
	return CourseDetail{Course: course, Modules: modules}, wrap("outline of course "+id, err)
}
