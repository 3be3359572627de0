package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"time"
)

// DemoWorkspace is the workspace that SeedDemo's data belong to: a dance school that sells courses online.
func DemoWorkspace() NewWorkspace {
	return NewWorkspace{Name: "Nritya Studio", TimeZone: "Asia/Kolkata", Currency: "INR", OwnerEmail: "meera@nritya.example"}
}

// demoDays is how long the demo's school has been open.
const demoDays = 63

// SeedDemo fills an empty workspace made from DemoWorkspace with nine weeks of a small course business that end at
// now, which must not lie after the database's clock. The same now gives the same rows, ids included. Everything
// goes through the methods of Tx, only earlier; no events are written. ErrConflict if it was seeded before.
func (s *Store) SeedDemo(ctx context.Context, workspaceID string, now time.Time) error {
	return wrap("seed the demo", s.Workspace(workspaceID).Tx(ctx, func(tx *Tx) error {
		d := newDemo(tx, now)
		if err := d.openSchool(ctx); err != nil {
			return err
		}
		d.planStudents()
		d.planOddOrders()
		return d.run(ctx)
	}))
}

// demo plays the history of the school: first everything is planned, then it happens in the order of time.
type demo struct {
	tx      *Tx
	start   time.Time // midnight of the first day
	now     time.Time
	random  *rand.Rand
	courses map[string]CourseDetail // by slug
	plan    []demoEvent
	orders  int
}

// demoEvent is something that happened.
type demoEvent struct {
	at time.Time
	do func(ctx context.Context) error
}

func newDemo(tx *Tx, now time.Time) *demo {
	tx.rand = rand.NewChaCha8([32]byte([]byte("nritya studio, the demo workspace")))
	ist := time.FixedZone("IST", 5*3600+1800)
	year, month, day := now.In(ist).Date()
	return &demo{tx: tx, now: now, random: rand.New(rand.NewPCG(20, 26)), courses: map[string]CourseDetail{},
		start: time.Date(year, month, day-demoDays, 0, 0, 0, 0, ist)}
}

// at is a waking hour of a day, counted from the first, with the seconds and microseconds of real life.
func (d *demo) at(day int) time.Time {
	second := 8*3600 + d.random.IntN(14*3600)
	return d.start.AddDate(0, 0, day).Add(time.Duration(second)*time.Second + time.Duration(d.random.IntN(1e6))*time.Microsecond)
}

// later plans an event. What would be in the future has not happened.
func (d *demo) later(at time.Time, do func(ctx context.Context) error) {
	if at.Before(d.now) {
		d.plan = append(d.plan, demoEvent{at, do})
	}
}

// run lets everything happen.
func (d *demo) run(ctx context.Context) error {
	sort.SliceStable(d.plan, func(i, j int) bool { return d.plan[i].at.Before(d.plan[j].at) })
	for _, event := range d.plan {
		d.tx.now = fromMicros(micros(event.at))
		if err := event.do(ctx); err != nil {
			return err
		}
	}
	_, err := d.tx.scope.exec(ctx, `UPDATE students SET last_seen_at = last_activity_at
		WHERE workspace_id = $1 AND last_activity_at IS NOT NULL`)
	return wrap("note when students were seen", err)
}

// openSchool makes the courses. They come first, since everything else refers to them.
func (d *demo) openSchool(ctx context.Context) error {
	for i, course := range demoCourses() {
		d.tx.now = fromMicros(micros(d.start.Add(9*time.Hour + time.Duration(i)*17*time.Minute)))
		detail, err := d.tx.CreateCourse(ctx, course.NewCourse)
		if err != nil {
			return fmt.Errorf("course %s: %w", course.Slug, err)
		}
		d.courses[course.Slug] = detail
		if course.status == CourseDraft {
			continue
		}
		d.tx.now = d.tx.now.Add(5 * time.Minute)
		if _, _, err := d.tx.Publish(ctx, detail.ID); err != nil {
			return err
		}
		if course.status == CourseArchived {
			d.later(d.at(24), func(ctx context.Context) error {
				_, _, err := d.tx.Archive(ctx, detail.ID)
				return err
			})
		}
	}
	return nil
}

// learn plans how a student goes through a course from a day on: lessons at a time, every few days, up to a share.
func (d *demo) learn(email, slug string, day int, share float64) {
	var ids []string
	for _, module := range d.courses[slug].Modules {
		for _, lesson := range module.Lessons {
			ids = append(ids, lesson.ID)
		}
	}
	ids = ids[:int(share*float64(len(ids)))]
	for len(ids) > 0 {
		day += 1 + d.random.IntN(3)
		n := min(len(ids), 1+d.random.IntN(3))
		sitting := ids[:n]
		ids = ids[n:]
		d.later(d.at(day), func(ctx context.Context) error { return d.sit(ctx, email, slug, sitting) })
	}
}

// sit is one sitting over lessons. Nobody learns in a course that was taken away.
func (d *demo) sit(ctx context.Context, email, slug string, lessonIDs []string) error {
	student, err := readStudent(ctx, d.tx.scope, "email_folded", fold(email))
	if err != nil {
		return err
	}
	for _, enrollment := range student.Enrollments {
		if enrollment.CourseID == d.courses[slug].ID && enrollment.Live() {
			_, _, err = d.tx.CompleteLessons(ctx, enrollment.ID, lessonIDs)
		}
	}
	return err
}
