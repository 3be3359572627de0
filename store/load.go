package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// LoadPlan says how much SeedLoad makes. Counts are totals, spread evenly over the workspaces.
type LoadPlan struct {
	Workspaces, Students, Courses, Orders int
	// Days is the length of the history, which ends now. Every day is as busy as the others. 0 is 365.
	Days int
}

// loadChunk is the number of rows in one transaction: large enough to be fast, small enough for SQLite's log.
const loadChunk = 20_000

// loadCourses is the number of courses that each student is enrolled in, if there are as many. Orders enrol nobody,
// so that the same students and courses can have any number of them.
const loadCourses = 2

// SeedLoad makes workspaces full of rows for measurements and returns their ids. Rows are written in bulk, and the
// rollups counted afterwards. progress, if not nil, hears how many rows are written, of how many.
func (s *Store) SeedLoad(ctx context.Context, plan LoadPlan, progress func(done, total int64)) ([]string, error) {
	if plan.Workspaces < 1 || plan.Students < 0 || plan.Courses < 0 || plan.Orders < 0 || plan.Days < 0 {
		return nil, errors.New("a load plan needs a workspace and no negative counts")
	}
	if plan.Orders > 0 && (plan.Students < plan.Workspaces || plan.Courses < plan.Workspaces) {
		return nil, errors.New("a load plan with orders needs a student and a course for each workspace")
	}
	if plan.Days == 0 {
		plan.Days = 365
	}
	now, err := s.Clock(ctx)
	if err != nil {
		return nil, err
	}
	l := &load{store: s, plan: plan, now: now, random: rand.NewChaCha8([32]byte{'l', 'o', 'a', 'd'}), progress: progress}
	ids := make([]string, 0, plan.Workspaces)
	for i := range plan.Workspaces {
		id, err := l.workspace(ctx, i)
		if err != nil {
			return ids, fmt.Errorf("seed workspace %d: %w", i+1, err)
		}
		ids = append(ids, id)
	}
	return ids, s.analyze(ctx)
}

// analyze tells PostgreSQL how many rows there are now, or the first queries are planned for empty tables.
// SQLite's plans here depend on no statistics.
func (s *Store) analyze(ctx context.Context) error {
	if s.dialect == SQLite {
		return nil
	}
	return wrap("analyze", s.inTx(ctx, func(db connection) error {
		_, err := db.ExecContext(ctx, "SET LOCAL statement_timeout = 0")
		if err == nil {
			_, err = db.ExecContext(ctx, "ANALYZE")
		}
		return err
	}))
}

// load writes the rows of a plan.
type load struct {
	store    *Store
	plan     LoadPlan
	now      time.Time
	random   *rand.ChaCha8
	progress func(done, total int64)
	done     int64

	// Of the workspace in the making.
	into     *Workspace
	cal      calendar
	courses  []string
	students []string
}

// share is the part of total that falls to the i-th of n workspaces.
func share(total, i, n int) int { return total*(i+1)/n - total*i/n }

func (l *load) workspace(ctx context.Context, i int) (string, error) {
	info, err := l.store.CreateWorkspace(ctx, NewWorkspace{Name: fmt.Sprintf("Load %d", i+1), TimeZone: "Asia/Kolkata",
		Currency: "INR", OwnerEmail: "owner@load.example"})
	if err != nil {
		return "", err
	}
	loaded, err := zone(info.TimeZone)
	if err != nil {
		return "", err
	}
	l.into, l.cal = l.store.Workspace(info.ID), calendar{zone: loaded, currency: info.Currency}
	n := l.plan.Workspaces
	l.courses, err = l.ids(prefixCourse, share(l.plan.Courses, i, n))
	if err != nil {
		return "", err
	}
	if l.students, err = l.ids(prefixStudent, share(l.plan.Students, i, n)); err != nil {
		return "", err
	}
	orders := share(l.plan.Orders, i, n)
	for _, table := range []bulk{l.courseTable(), l.studentTable(), l.enrollmentTable(), l.stepTable(),
		l.orderTable(orders), l.refundTable(orders)} {
		if err := l.fill(ctx, table); err != nil {
			return "", err
		}
	}
	return info.ID, l.store.Rebuild(ctx, info.ID)
}

// fill writes a table in transactions of loadChunk rows.
func (l *load) fill(ctx context.Context, table bulk) error {
	for from := 0; from < table.rows; from += loadChunk {
		part := table.part(from, min(from+loadChunk, table.rows))
		err := l.into.Tx(ctx, func(tx *Tx) error { return part.insert(ctx, tx.scope) })
		if err != nil {
			return err
		}
		l.done += int64(part.rows)
		if l.progress != nil {
			l.progress(l.done, l.total())
		}
	}
	return nil
}

// total is the number of rows of the whole plan.
func (l *load) total() int64 {
	perStudent := min(loadCourses, l.plan.Courses/l.plan.Workspaces)
	rows := int64(l.plan.Courses + l.plan.Students*(1+2*perStudent))
	for i := range l.plan.Workspaces {
		orders := share(l.plan.Orders, i, l.plan.Workspaces)
		rows += int64(orders + orders/loadRefundEvery)
	}
	return max(rows, l.done)
}

// at is when the i-th of n things happened: evenly over the days, in their order, by daylight.
func (l *load) at(i, n int) time.Time {
	day := i * l.plan.Days / max(n, 1)
	hours := time.Duration(8+i%12)*time.Hour + time.Duration(i%3600)*time.Second
	year, month, today := l.now.In(l.cal.zone).Date()
	at := time.Date(year, month, today-l.plan.Days+1+day, 0, 0, 0, 0, l.cal.zone).Add(hours + time.Duration(i%1e6)*time.Microsecond)
	if at.After(l.now) {
		return l.now
	}
	return at
}

func (l *load) ids(prefix string, n int) ([]string, error) {
	list := make([]string, n)
	for i := range list {
		id, err := newID(prefix, l.at(i, n), l.random)
		if err != nil {
			return nil, err
		}
		list[i] = id
	}
	return list, nil
}
