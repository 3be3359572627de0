package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/server"
)

func (p *program) migrate() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Apply the migrations that the database lacks, under a lock: any number of
processes may start this at once. In production tbc serve refuses an old schema
until this has run.`,
		Args: cobra.NoArgs,
		RunE: p.does(func(cmd *cobra.Command, _ []string) (err error) {
			config, err := server.ReadConfig(p.lookup)
			if err != nil {
				return err
			}
			db, err := p.openUnmigrated(cmd.Context(), config, false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			applied, err := db.Migrate(cmd.Context())
			if err != nil {
				return err
			}
			for _, name := range applied {
				p.printf("applied %s\n", name)
			}
			if len(applied) == 0 {
				p.printf("the schema is up to date\n")
			}
			return nil
		}),
	}
}

// with opens the database for one command and closes it after.
func (p *program) with(action func(cmd *cobra.Command, args []string, db *database) error) func(*cobra.Command, []string) error {
	return p.does(func(cmd *cobra.Command, args []string) (err error) {
		db, err := p.open(cmd.Context(), false)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		return action(cmd, args, db)
	})
}
