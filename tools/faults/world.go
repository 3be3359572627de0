package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// The pools of a world.
const (
	poolStudents    = "students"
	poolDrafts      = "drafts"
	poolCourses     = "courses" // published
	poolEnrollments = "enrollments"
	poolOrders      = "orders"
	poolSessions    = "sessions"
)

// world is what the workers know of the workspace: ids from answers, by pool.
type world struct {
	mu      sync.Mutex
	pools   map[string][]string
	lessons map[string][]string // of a course
	course  map[string]string   // of an enrollment
}

func newWorld() *world {
	return &world{pools: map[string][]string{}, lessons: map[string][]string{}, course: map[string]string{}}
}

func (w *world) add(pool, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id != "" && !slices.Contains(w.pools[pool], id) {
		w.pools[pool] = append(w.pools[pool], id)
	}
}

func (w *world) remove(pool, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pools[pool] = slices.DeleteFunc(w.pools[pool], func(known string) bool { return known == id })
}

// pick is any id of a pool, "" if there is none.
func (w *world) pick(rng *rand.Rand, pool string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pools[pool]) == 0 {
		return ""
	}
	return oneOf(rng, w.pools[pool]...)
}

// learn takes ids out of an answer.
func (w *world) learn(op *operation) {
	switch op.Kind {
	case kindStudent:
		w.add(poolStudents, op.Answer.ID)
	case kindErase:
		w.remove(poolStudents, op.Target)
	case kindCourse:
		w.add(poolDrafts, op.Answer.ID)
		w.learnLessons(op.Answer)
	case kindPublish, kindSchedule:
		w.remove(poolDrafts, op.Target)
		w.add(poolCourses, op.Target)
	case kindArchive:
		w.remove(poolCourses, op.Target)
	case kindEnroll:
		w.learnEnrollment(op.Answer)
	case kindBatch:
		for _, item := range op.Many {
			if item.Enrollment != nil {
				w.learnEnrollment(*item.Enrollment)
			}
		}
	case kindOrder, kindTestOrder:
		w.add(poolOrders, op.Answer.ID)
	case kindSession:
		w.add(poolSessions, op.Answer.ID)
	}
}

func (w *world) learnLessons(course object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, module := range course.Modules {
		for _, lesson := range module.Lessons {
			w.lessons[course.ID] = append(w.lessons[course.ID], lesson.ID)
		}
	}
}

func (w *world) learnEnrollment(e object) {
	w.add(poolEnrollments, e.ID)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.course[e.ID] = e.CourseID
}

// lessonsOf are some lessons of an enrollment's course, most often all of them.
func (w *world) lessonsOf(rng *rand.Rand, enrollmentID string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.lessons[w.course[enrollmentID]]
	if len(all) == 0 || rng.IntN(3) > 0 {
		return all
	}
	return all[:1+rng.IntN(len(all))]
}

// name is a text that shows whether bytes survive: it has what JSON, HTML and UTF-8 treat specially.
func name(rng *rand.Rand) string {
	return fmt.Sprintf("Asha & <Ñair> \u2028 %08x", rng.Uint32())
}

func email(rng *rand.Rand) string { return fmt.Sprintf("s%016x@example.com", rng.Uint64()) }
