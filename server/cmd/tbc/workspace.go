package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/store"
)

func (p *program) workspace() *cobra.Command {
	return group("workspace", "Make and list workspaces", p.workspaceCreate(), p.workspaceList())
}

func (p *program) workspaceCreate() *cobra.Command {
	var fresh store.NewWorkspace
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "create --name N --time-zone Z --currency C --owner-email E [--json]",
		Short:   "Make a workspace, and a link for its owner to set a password",
		Example: `  tbc workspace create --name "Asha's Studio" --time-zone Asia/Kolkata --currency INR --owner-email asha@example.com`,
		Args:    cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			made, err := db.CreateWorkspace(cmd.Context(), fresh)
			if err != nil {
				return fmt.Errorf("make a workspace: %w", wrongInput(err))
			}
			link, err := firstLink(cmd.Context(), db, fresh.OwnerEmail)
			if err != nil {
				return err
			}
			if asJSON {
				record := createdWorkspace{workspaceJSON(made), link}
				return p.printJSON(record)
			}
			p.printf("%s\n", made.ID)
			if link != nil {
				fmt.Fprintf(p.stderr, "The owner sets a password, once and within 7 days, on %s\n", *link)
			}
			return nil
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&fresh.Name, "name", "", "name, 1 to 200 characters")
	flags.StringVar(&fresh.TimeZone, "time-zone", "", "IANA time zone; analytics days begin at its midnight")
	flags.StringVar(&fresh.Currency, "currency", "", "ISO 4217 code; one a workspace")
	flags.StringVar(&fresh.OwnerEmail, "owner-email", "", "e-mail of the owner")
	flags.BoolVar(&asJSON, "json", false, "print the workspace as JSON")
	require(cmd, "name", "time-zone", "currency", "owner-email")
	return cmd
}

func (p *program) workspaceList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [--json]",
		Short: "List all workspaces",
		Args:  cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			all, err := db.Workspaces(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				listed := make([]workspaceRecord, 0, len(all))
				for _, w := range all {
					listed = append(listed, workspaceJSON(w))
				}
				return p.printJSON(listed)
			}
			table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tNAME\tTIME ZONE\tCURRENCY\tCREATED")
			for _, w := range all {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", w.ID, w.Name, w.TimeZone, w.Currency, w.CreatedAt.UTC().Format(time.RFC3339))
			}
			return table.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

// createdWorkspace is a new workspace with the link by which its owner gets in:
// null if they have a password already.
type createdWorkspace struct {
	workspaceRecord
	PasswordLink *string `json:"passwordLink"`
}

// workspaceRecord is a workspace as scripts read it.
type workspaceRecord struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	TimeZone  string    `json:"timeZone"`
	Currency  string    `json:"currency"`
	CreatedAt time.Time `json:"createdAt"`
}

func workspaceJSON(w store.WorkspaceInfo) workspaceRecord {
	return workspaceRecord{ID: w.ID, Name: w.Name, TimeZone: w.TimeZone, Currency: w.Currency, CreatedAt: w.CreatedAt.UTC()}
}

// printJSON writes one indented JSON value and a newline.
func (p *program) printJSON(value any) error {
	encoder := json.NewEncoder(p.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
