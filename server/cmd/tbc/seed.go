package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/thebigclass/api/store"
)

// The load profile unless flags say otherwise: a million rows, give or take.
const (
	loadWorkspaces = 100
	loadStudents   = 200_000
	loadCourses    = 5_000
	loadOrders     = 200_000
)

// loadKeyLimit is the limit of the key that comes with load data: no measurement should reach it.
const loadKeyLimit = 1_000_000_000

func (p *program) seed() *cobra.Command {
	var profile string
	var plan store.LoadPlan
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "seed [--profile demo|load] [--workspaces N --students N --courses N --orders N] [--json]",
		Short: "Make workspaces full of data",
		Long: `Make workspaces full of data, a key that holds every scope, and a login for the
dashboard.

demo is a small course business with some forty students and nine weeks of activity.
load is rows for measurements, spread over workspaces; its key is for the first of
them and has no limits worth mentioning. Numbers are totals over all workspaces.`,
		Args: cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			made, err := p.seedProfile(cmd.Context(), db, profile, plan)
			if err != nil {
				return err
			}
			if asJSON {
				return p.printJSON(made)
			}
			p.printf("workspace %s\nkey       %s (shown this once)\nlogin     %s\npassword  %s (shown this once)\n",
				made.WorkspaceID, made.APIKey, made.Login.Email, made.Login.Password)
			return nil
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&profile, "profile", "demo", "what to make: demo or load")
	flags.IntVar(&plan.Workspaces, "workspaces", loadWorkspaces, "load: workspaces")
	flags.IntVar(&plan.Students, "students", loadStudents, "load: students in all")
	flags.IntVar(&plan.Courses, "courses", loadCourses, "load: courses in all")
	flags.IntVar(&plan.Orders, "orders", loadOrders, "load: orders in all")
	flags.BoolVar(&asJSON, "json", false, "print the workspace's id, the key and the login as JSON")
	return cmd
}

func (p *program) seedProfile(ctx context.Context, db *database, profile string, plan store.LoadPlan) (seeded, error) {
	switch profile {
	case "demo":
		return p.makeDemo(ctx, db)
	case "load":
		return p.makeLoad(ctx, db, plan)
	}
	return seeded{}, usageError{fmt.Errorf("unknown profile %q: demo or load", profile)}
}

// makeLoad writes the rows and makes a key for the first workspace.
func (p *program) makeLoad(ctx context.Context, db *database, plan store.LoadPlan) (seeded, error) {
	if plan.Workspaces < 1 || plan.Students < 0 || plan.Courses < 0 || plan.Orders < 0 {
		return seeded{}, usageError{errors.New("load needs a workspace, and no number below zero")}
	}
	ids, err := db.SeedLoad(ctx, plan, p.progress())
	if err != nil {
		return seeded{}, wrongInput(err)
	}
	return p.withKey(ctx, db, ids[0], store.NewKey{Name: "Load key", MinuteLimit: loadKeyLimit, DayLimit: loadKeyLimit})
}

// progress draws a bar on a terminal and is silent elsewhere. The bar goes to
// stderr, so that what is printed stays clean.
func (p *program) progress() func(done, total int64) {
	if !isTerminal(p.stderr) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int64) {
		if bar == nil {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetDescription("rows"),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set64(done) // a terminal that went away changes nothing
	}
}
