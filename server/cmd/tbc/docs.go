package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/server/docs"
)

func (p *program) docs() *cobra.Command {
	var origin string
	cmd := &cobra.Command{
		Use:   "docs DIR",
		Short: "Write the documentation into a folder",
		Long: `Write the documentation into a folder, the same pages that the server shows under /docs.

The folder works wherever it is put, also without a server: open its index.html.
The code on the pages calls the address of --base-url.`,
		Args: cobra.ExactArgs(1),
		RunE: p.does(func(cmd *cobra.Command, args []string) error {
			if origin == "" {
				origin = docs.Origin
			}
			files, err := docs.Folder(strings.TrimSuffix(origin, "/"), "")
			if err != nil {
				return err
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			for name, content := range files {
				if err := os.WriteFile(filepath.Join(args[0], name), content, 0o644); err != nil {
					return err
				}
			}
			p.printf("%d files, beginning with %s\n", len(files), filepath.Join(args[0], "index.html"))
			return nil
		}),
	}
	cmd.Flags().StringVar(&origin, "base-url", "", "origin that the code on the pages calls, by default "+docs.Origin)
	return cmd
}
