package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// A list that sorts or scans is fast in a test and slow for whoever has the most rows.
func TestLists_UseTheirIndexOnPostgreSQL(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	ids, err := db.SeedLoad(t.Context(), store.LoadPlan{Workspaces: 3, Students: 9000, Courses: 9000, Orders: 9000}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("pgx", db.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	w, since := db.Workspace(ids[1]), storetest.Start.AddDate(0, -6, 0)
	for name, c := range map[string]struct {
		index string
		read  func(w *store.Workspace, opt store.ListOptions) error
		opt   store.ListOptions
	}{
		"courses":            {"courses_created", courses(t), store.ListOptions{}},
		"courses by change":  {"courses_updated", courses(t), store.ListOptions{UpdatedSince: &since}},
		"students":           {"students_created", students(t), store.ListOptions{}},
		"students by change": {"students_updated", students(t), store.ListOptions{UpdatedSince: &since}},
		"orders":             {"orders_created", orders(t), store.ListOptions{}},
		"orders by change":   {"orders_updated", orders(t), store.ListOptions{UpdatedSince: &since}},
	} {
		texts, args, err := w.Statements(t.Context(), func(w *store.Workspace) error { return c.read(w, c.opt) })
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range texts {
			plan := explain(t, raw, i > 0, text, args[i])
			if i == 0 && (!strings.Contains(plan, c.index) || strings.Contains(plan, "Sort")) {
				t.Errorf("%s sorts, or does not use %s:\n%s", name, c.index, plan)
			}
			if strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s scans:\n%s\n%s", name, text, plan)
			}
		}
	}
}

// A page of students must not read the enrollments of all others, however many there are. SQLite keeps no statistics that
// would tell it so.
func TestStudents_ReadTheirOwnEnrollmentsAlone(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	ids, err := db.SeedLoad(t.Context(), store.LoadPlan{Workspaces: 1, Students: 200, Courses: 5, Orders: 200}, nil)
	if err != nil {
		t.Fatal(err)
	}
	texts, args, err := db.Workspace(ids[0]).Statements(t.Context(), func(w *store.Workspace) error {
		return students(t)(w, store.ListOptions{Limit: 100})
	})
	if err != nil || len(texts) != 2 {
		t.Fatalf("%d statements: %v", len(texts), err)
	}
	if plan := explainSQLite(t, openRaw(t, db), texts[1], args[1]); !strings.Contains(plan, "enrollments_pair (workspace_id=? AND student_id=?)") {
		t.Errorf("%s\n%s", texts[1], plan)
	}
}

func courses(t *testing.T) func(*store.Workspace, store.ListOptions) error {
	return func(w *store.Workspace, opt store.ListOptions) error {
		_, err := w.Courses(t.Context(), store.CourseQuery{ListOptions: opt})
		return err
	}
}

func students(t *testing.T) func(*store.Workspace, store.ListOptions) error {
	return func(w *store.Workspace, opt store.ListOptions) error {
		_, err := w.Students(t.Context(), store.StudentQuery{ListOptions: opt})
		return err
	}
}

func orders(t *testing.T) func(*store.Workspace, store.ListOptions) error {
	return func(w *store.Workspace, opt store.ListOptions) error {
		_, err := w.Orders(t.Context(), store.OrderQuery{ListOptions: opt})
		return err
	}
}

// explain is the plan of a statement. What is embedded may be few rows, which PostgreSQL rightly reads whole:
// there the question is whether an index exists that would serve.
func explain(t *testing.T, raw *sql.DB, embedded bool, text string, args []any) string {
	t.Helper()
	conn, err := raw.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	scans := "on"
	if embedded {
		scans = "off"
	}
	if _, err := conn.ExecContext(t.Context(), "SET enable_seqscan = "+scans); err != nil {
		t.Fatal(err)
	}
	found, err := conn.QueryContext(t.Context(), "EXPLAIN "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var plan strings.Builder
	for found.Next() {
		var line string
		if err := found.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	return plan.String()
}
