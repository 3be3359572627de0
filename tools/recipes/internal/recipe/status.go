package recipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// shownEvents is how many events the command status names.
const shownEvents = 50

func (r Recipe) status(folder *string, c Console) *cobra.Command {
	return &cobra.Command{
		Use: "status", Args: noArguments,
		Short: "Tell how many events are done, wait or failed, and why",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.looking(cmd.Context(), *folder, func(b *inbox) error { return b.report(cmd.Context(), c.Out) })
		},
	}
}

func (r Recipe) retrying(folder *string, c Console) *cobra.Command {
	return &cobra.Command{
		Use: "retry", Args: noArguments,
		Short: "Try all that failed or waits again, now",
		Long:  "Makes every event that is not done due now. A running recipe takes them within a second.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.looking(cmd.Context(), *folder, func(b *inbox) error {
				count, err := b.again(cmd.Context(), c.Now())
				if err == nil {
					fmt.Fprintf(c.Out, "%d events to be tried again\n", count)
				}
				return err
			})
		},
	}
}

// looking opens the inbox beside a process that may be working on it.
func (r Recipe) looking(ctx context.Context, folder string, do func(*inbox) error) error {
	if _, err := os.Stat(filepath.Join(folder, inboxName)); err != nil {
		return fmt.Errorf("%s is not the folder of a recipe that has run: %w", folder, err)
	}
	box, err := openInbox(ctx, folder)
	if err != nil {
		return err
	}
	return errors.Join(do(box), box.close())
}

// report prints the counts, and what is not done with its reason.
func (b *inbox) report(ctx context.Context, out io.Writer) error {
	counts := map[string]int{}
	rows, err := b.db.QueryContext(ctx, "SELECT state, count(*) FROM events GROUP BY state")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		var count int
		if err := rows.Scan(&state, &count); err != nil {
			return err
		}
		counts[state] = count
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d done, %d waiting, %d failed\n", counts[done], counts[waiting], counts[failed])
	return b.problems(ctx, out)
}

func (b *inbox) problems(ctx context.Context, out io.Writer) error {
	rows, err := b.db.QueryContext(ctx, `SELECT id, type, state, attempts, next_at, problem FROM events WHERE state <> 'done'
		ORDER BY received_at, rowid LIMIT ?`, shownEvents)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, kind, state, problem string
		var attempts int
		var next int64
		if err := rows.Scan(&id, &kind, &state, &attempts, &next, &problem); err != nil {
			return err
		}
		when := ""
		if state == waiting {
			when = ", next at " + time.UnixMilli(next).UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(out, "%s  %s  %s after %d attempts%s: %s\n", id, kind, state, attempts, when, problem)
	}
	return rows.Err()
}
