package recipe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/tools/internal/cli"
)

// callTimeout is for a connection and the head of an answer. Bodies may take as long as the recipe's timeout.
const callTimeout = 30 * time.Second

// Main is a recipe's main function: it never returns. Ctrl-C and SIGTERM end it in order.
func Main(r Recipe) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) //nolint:forbidigo // the main function of every recipe
	code := Run(ctx, r, os.Args[1:], Console{
		Out: os.Stdout, Errs: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, //nolint:forbidigo // as above
		HTTP: &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: callTimeout, ResponseHeaderTimeout: callTimeout, ForceAttemptHTTP2: true,
		}},
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	stop()
	os.Exit(code)
}

// Run is the program with its world given: it returns the exit status, 0 done, 1 failed, 2 wrong usage.
func Run(ctx context.Context, r Recipe, args []string, c Console) int {
	// A redirect would turn a POST or PATCH into a GET, whose 200 looks like success, and carry the credentials elsewhere.
	direct := *c.HTTP
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.HTTP = &direct
	cmd := r.command(c)
	cli.Frame(cmd, c.Out, c.Errs)
	return cli.Run(ctx, cmd, args)
}

const longTail = `

Each event is verified, stored in FOLDER and only then answered, so that none is lost;
an event that was delivered twice is worked on once. What fails is tried again for three
days, then put aside: status shows it, retry tries it anew. One process to a folder.

Begin with connect, which makes the webhook endpoint and keeps its signing secret.

  TBC_URL               the service (https://thebigclass.com)
  TBC_WEBHOOK_SECRET    instead of the secret that connect has kept; while it is changed,
                        both with a comma between them`

func (r Recipe) command(c Console) *cobra.Command {
	var addr, folder string
	cmd := &cobra.Command{
		Use: r.Name, Short: r.Short, Long: r.Long + longTail,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.in(folder, func() error { return r.run(cmd.Context(), addr, folder, c) })
		},
	}
	cmd.Flags().StringVar(&addr, "addr", r.Addr, "`address` to listen on; port 0 takes a free one")
	cmd.PersistentFlags().StringVar(&folder, "state", filepath.Join("data", r.Name), "`folder` with what it must remember")
	cmd.AddCommand(r.connecting(&folder, c), r.status(&folder, c), r.retrying(&folder, c))
	return cmd
}

// in makes the folder, for its owner alone, before it is used.
func (r Recipe) in(folder string, do func() error) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return do()
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cli.WrongUsage(errors.New("takes flags alone; see --help")) // an argument may be a secret, so it is not shown
	}
	return nil
}

func (r Recipe) connecting(folder *string, c Console) *cobra.Command {
	var hook string
	cmd := &cobra.Command{
		Use: "connect --hook URL", Args: noArguments,
		Short: "Make the webhook endpoint and keep its secret",
		Long: `Makes a webhook endpoint for ` + strings.Join(r.Events, ", ") + `
with the key in $TBC_KEY (scope write:webhooks) at $TBC_URL (https://thebigclass.com), and
keeps its signing secret in the state folder. A second time it does nothing.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if hook == "" {
				hook = "http://" + r.Addr + "/hook"
			}
			return r.in(*folder, func() error {
				e, err := r.connect(cmd.Context(), *folder, hook, c)
				if err == nil {
					fmt.Fprintf(c.Out, "connected: %s sends %s to %s\n", e.ID, strings.Join(r.Events, ", "), e.URL)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&hook, "hook", "", "the `URL` at which the service reaches this recipe; default: http://"+r.Addr+"/hook")
	return cmd
}
