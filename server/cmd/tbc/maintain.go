package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) rebuild() *cobra.Command {
	var workspaceID string
	cmd := &cobra.Command{
		Use:   "rebuild [--workspace ID]",
		Short: "Recompute counters and daily rollups from their sources",
		Long: `Recompute the enrolment counters and the daily rollups of analytics. They are
kept in the transactions that change their sources, so that this changes nothing
unless something went wrong. The server may keep running.`,
		Args: cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			ids := []string{workspaceID}
			if workspaceID == "" {
				all, err := db.Workspaces(cmd.Context())
				if err != nil {
					return err
				}
				ids = ids[:0]
				for _, w := range all {
					ids = append(ids, w.ID)
				}
			}
			for _, id := range ids {
				if err := db.Rebuild(cmd.Context(), id); err != nil {
					return fmt.Errorf("rebuild %s: %w", id, err)
				}
				p.printf("rebuilt %s\n", id)
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&workspaceID, "workspace", "", "id of one workspace (default: all)")
	return cmd
}

func (p *program) backup() *cobra.Command {
	return &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the database into a folder while the server runs",
		Long: `Copy the database, as of one moment, into the folder DIR. The server may keep
running. The master key is not part of it: keep that apart.`,
		Args: cobra.ExactArgs(1),
		RunE: p.with(func(cmd *cobra.Command, args []string, db *database) error {
			if err := db.Backup(cmd.Context(), args[0]); err != nil {
				return fmt.Errorf("back up to %s: %w", args[0], err)
			}
			p.printf("backed up to %s\n", args[0])
			return nil
		}),
	}
}
