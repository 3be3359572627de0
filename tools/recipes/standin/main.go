// Command standin plays a service that a recipe talks to, so that the recipe can be tried without an account: it answers
// as the service does and records what it was told. See ../README.md, or standin --help.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
	"github.com/thebigclass/api/tools/recipes/internal/standin/chat"
	"github.com/thebigclass/api/tools/recipes/internal/standin/hubspot"
	"github.com/thebigclass/api/tools/recipes/internal/standin/mail"
	"github.com/thebigclass/api/tools/recipes/internal/standin/quickbooks"
	"github.com/thebigclass/api/tools/recipes/internal/standin/s3"
)

// stand is a service that can be stood in for.
type stand struct {
	name, addr, short string
	service           standin.Service
}

var stands = []stand{
	{"slack", "127.0.0.1:9101", "Slack's incoming webhooks", standin.HTTP(chat.NewSlack)},
	{"discord", "127.0.0.1:9102", "Discord's webhooks", standin.HTTP(chat.NewDiscord)},
	{"hubspot", "127.0.0.1:9103", "HubSpot's contacts", standin.HTTP(hubspot.New)},
	{"quickbooks", "127.0.0.1:9104", "journal entries of QuickBooks Online", standin.HTTP(quickbooks.New)},
	{"smtp", "127.0.0.1:9105", "a mail server", new(mail.Server).Serve},
	{"s3", "127.0.0.1:9106", "a bucket of Amazon S3, and a recording to put into it", standin.HTTP(s3.New)},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	root := &cobra.Command{
		Use: "standin", Short: "Play a service that a recipe talks to, and record what it is told", SilenceErrors: true, SilenceUsage: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	for _, s := range stands {
		root.AddCommand(s.command())
	}
	err := root.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func (s stand) command() *cobra.Command {
	var addr, record string
	cmd := &cobra.Command{
		Use: s.name, Short: s.short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if record != "" {
				if err := os.MkdirAll(filepath.Dir(record), 0o700); err != nil {
					return err
				}
			}
			return standin.Run(cmd.Context(), s.service, addr, record, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&addr, "addr", s.addr, "`address` to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&record, "record", "", "append what it is told to this `file`, a line of JSON each; default: print it")
	return cmd
}
