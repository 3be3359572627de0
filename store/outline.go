package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"time"
)

// When a learner may open a module: at once, or when the one before it is completed.
const (
	UnlockImmediate  = "immediate"
	UnlockSequential = "sequential"
)

// CourseDetail is a course with its outline: modules and lessons in their order.
type CourseDetail struct {
	Course
	Modules []Module
}

// Module is a chapter of a course. LessonCount and DurationSeconds sum up its lessons.
type Module struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	CourseID        string
	Title           string
	Description     *string
	Position        int    // from 1, within the course
	Unlock          string // UnlockImmediate or UnlockSequential
	LessonCount     int
	DurationSeconds int
	Lessons         []Lesson `gorm:"-"`
}

// Lesson is what the service tells about a lesson: never its content.
type Lesson struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	CourseID        string
	ModuleID        string
	Title           string
	Type            string // video, text, pdf, document, embed, audio, quiz, live or recording
	Position        int    // from 1, within the module
	DurationSeconds int
	IsPreview       bool
}

const moduleColumns = `workspace_id, id, created_at, updated_at, course_id, title, description, position, unlock,
	lesson_count, duration_seconds`

func scanModule(row *sql.Rows, m *Module) error {
	m.Lessons = []Lesson{}
	return row.Scan(&m.WorkspaceID, &m.ID, at(&m.CreatedAt), at(&m.UpdatedAt), &m.CourseID, &m.Title,
		textOrNil(&m.Description), whole(&m.Position), &m.Unlock, whole(&m.LessonCount), whole(&m.DurationSeconds))
}

const lessonColumns = `workspace_id, id, created_at, updated_at, course_id, module_id, title, type, position,
	duration_seconds, is_preview`

func scanLesson(row *sql.Rows, l *Lesson) error {
	return row.Scan(&l.WorkspaceID, &l.ID, at(&l.CreatedAt), at(&l.UpdatedAt), &l.CourseID, &l.ModuleID, &l.Title,
		&l.Type, whole(&l.Position), whole(&l.DurationSeconds), &l.IsPreview)
}

// readOutline reads the modules of a course with their lessons: two queries, at most 100 modules and 500 lessons,
// in the order of modules_course and lessons_course.
func readOutline(ctx context.Context, s scope, courseID string) ([]Module, error) {
	modules, err := scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + moduleColumns + ` FROM modules WHERE workspace_id = $1 AND course_id = $2 ORDER BY position`,
		args: []any{courseID}, capacity: 16,
	}, scanModule)
	if err != nil {
		return nil, err
	}
	lessons, err := scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + lessonColumns + ` FROM lessons WHERE workspace_id = $1 AND course_id = $2 ORDER BY position`,
		args: []any{courseID}, capacity: 64,
	}, scanLesson)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*Module, len(modules))
	for i := range modules {
		byID[modules[i].ID] = &modules[i]
	}
	for _, lesson := range lessons {
		module := byID[lesson.ModuleID]
		module.Lessons = append(module.Lessons, lesson)
	}
	return modules, nil
}

// NewModule is a module as a caller wants it; its place is that in the list. ID "" is a new one. Unlock "" is immediate.
type NewModule struct {
	ID          string
	Title       string
	Description *string
	Unlock      string
	Lessons     []NewLesson
}

// NewLesson is a lesson as a caller wants it; its place is that in the list. ID "" is a new one.
type NewLesson struct {
	ID              string
	Title           string
	Type            string
	DurationSeconds int
	IsPreview       bool
}

// The largest outline of a course. A duration is at most what the contract can say.
const (
	maxModules  = 100
	maxLessons  = 500
	maxDuration = math.MaxInt32
)

// layout makes the outline of a course from what a caller wants it to be, and counts it into the course.
type layout struct {
	tx      *Tx
	course  *Course
	modules map[string]Module // those stored that were not asked for yet
	lessons map[string]Lesson
}

// layOut makes an outline. Modules and lessons whose ids are given keep them, wherever they move in the course; the
// others are new. What is in stored and not in want goes. Nothing is written.
// ErrNotFound for an id that the workspace does not have, Invalid for one that is given twice or of another course.
func (tx *Tx) layOut(ctx context.Context, course *Course, stored []Module, want []NewModule) ([]Module, error) {
	l := layout{tx: tx, course: course, modules: map[string]Module{}, lessons: map[string]Lesson{}}
	for _, module := range stored {
		for _, lesson := range module.Lessons {
			l.lessons[lesson.ID] = lesson
		}
		module.Lessons = nil
		l.modules[module.ID] = module
	}
	course.ModuleCount, course.LessonCount, course.DurationSeconds = len(want), 0, 0
	outline := make([]Module, 0, len(want))
	for i, wanted := range want {
		module, err := l.module(ctx, i, wanted)
		if err != nil {
			return nil, err
		}
		outline = append(outline, module)
		course.LessonCount += module.LessonCount
		course.DurationSeconds += module.DurationSeconds
	}
	if course.ModuleCount > maxModules || course.LessonCount > maxLessons || course.DurationSeconds > maxDuration {
		return nil, &Invalid{Field: "/modules", Issue: fmt.Sprintf(
			"must have at most %d modules, %d lessons and %d seconds", maxModules, maxLessons, maxDuration)}
	}
	return outline, nil
}

func (l *layout) module(ctx context.Context, i int, want NewModule) (Module, error) {
	field := fmt.Sprintf("/modules/%d", i)
	before, known := l.modules[want.ID]
	delete(l.modules, want.ID)
	module := before
	if !known {
		id, err := l.newID(ctx, strayID{table: "modules", id: want.ID, field: field + "/id"}, prefixModule)
		if err != nil {
			return Module{}, err
		}
		module = Module{WorkspaceID: l.tx.WorkspaceID(), ID: id, CreatedAt: l.tx.now, CourseID: l.course.ID}
	}
	module.Title, module.Description, module.Position, module.Unlock = want.Title, want.Description, i+1, want.Unlock
	if module.Unlock == "" {
		module.Unlock = UnlockImmediate
	}
	module.LessonCount, module.DurationSeconds = len(want.Lessons), 0
	lessons := make([]Lesson, 0, len(want.Lessons))
	for k, wanted := range want.Lessons {
		lesson, err := l.lesson(ctx, lessonPlace{module.ID, k, fmt.Sprintf("%s/lessons/%d", field, k)}, wanted)
		if err != nil {
			return Module{}, err
		}
		lessons = append(lessons, lesson)
		module.DurationSeconds += lesson.DurationSeconds
	}
	if !reflect.DeepEqual(module, before) {
		module.UpdatedAt = l.tx.now
	}
	module.Lessons = lessons
	return module, nil
}

// lessonPlace is where a lesson is to stand, in the course and in the request.
type lessonPlace struct {
	moduleID string
	index    int
	field    string
}

func (l *layout) lesson(ctx context.Context, place lessonPlace, want NewLesson) (Lesson, error) {
	before, known := l.lessons[want.ID]
	delete(l.lessons, want.ID)
	lesson := before
	if !known {
		id, err := l.newID(ctx, strayID{table: "lessons", id: want.ID, field: place.field + "/id"}, prefixLesson)
		if err != nil {
			return Lesson{}, err
		}
		lesson = Lesson{WorkspaceID: l.tx.WorkspaceID(), ID: id, CreatedAt: l.tx.now, CourseID: l.course.ID}
	}
	lesson.ModuleID, lesson.Position = place.moduleID, place.index+1
	lesson.Title, lesson.Type = want.Title, want.Type
	lesson.DurationSeconds, lesson.IsPreview = want.DurationSeconds, want.IsPreview
	if lesson != before {
		lesson.UpdatedAt = l.tx.now
	}
	return lesson, nil
}

// strayID is an id in a request that the course's outline does not have, or "".
type strayID struct{ table, id, field string }

// newID makes an id where none was given, and tells why one that was given cannot stay.
func (l *layout) newID(ctx context.Context, stray strayID, prefix string) (string, error) {
	if stray.id == "" {
		return l.tx.newID(prefix)
	}
	_, err := scanOne(ctx, l.tx.scope, sqlQuery{
		text: `SELECT id FROM ` + stray.table + ` WHERE workspace_id = $1 AND id = $2`, args: []any{stray.id},
	}, scanText)
	if err == nil {
		err = &Invalid{Field: stray.field, Issue: "must be an id of this course's outline, given once"}
	}
	return "", err
}

// replaceOutline stores an outline in place of the one that is there. Rows with kept ids are written anew, with the
// times that they had: an outline has too few to tell one change from the other.
func (tx *Tx) replaceOutline(ctx context.Context, courseID string, modules []Module) error {
	for _, table := range []string{"lessons", "modules"} {
		_, err := tx.scope.exec(ctx, `DELETE FROM `+table+` WHERE workspace_id = $1 AND course_id = $2`, courseID)
		if err != nil {
			return wrap("empty the outline", err)
		}
	}
	return wrap("replace the outline", tx.insertOutline(ctx, modules))
}

func (tx *Tx) insertOutline(ctx context.Context, modules []Module) error {
	if err := insertAll(ctx, tx.scope, modules); err != nil {
		return err
	}
	var lessons []Lesson
	for _, module := range modules {
		lessons = append(lessons, module.Lessons...)
	}
	return insertAll(ctx, tx.scope, lessons)
}

// notNil makes an absent list an empty one: that is how lists are stored.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
