// Command clients makes a client of the API in five languages from the contract, compiles or type-checks each, and lets
// each go through the same steps against a running server. See README.md, or clients --help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const usage = `clients makes a client of the API in each language from the contract, compiles or type-checks it, and runs the
conformance script of that language against a server. It prints a table, and exits with 1 if any cell of it says no.

  clients [-out bin/clients] [-only go,typescript,python,java,php] [-contract openapi/tbc-v1.yaml]

Run it from the root of the repository. It starts a server of its own, on a free port and with an empty database, unless
TBC_URL names one that runs; then it needs three keys: TBC_KEY with all scopes, TBC_READ_KEY that may only read, and
TBC_LIMITED_KEY with two calls a minute.

`

// Exit codes.
const (
	exitNo    = 1 // something does not compile or conform
	exitUsage = 2
)

// options are what a caller decides.
type options struct {
	out       string
	contract  string
	languages []language
}

// A console is the world outside, as main has it.
type console struct {
	out, errs io.Writer
	getenv    func(string) string
	now       func() time.Time
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{out: os.Stdout, errs: os.Stderr, getenv: os.Getenv, now: time.Now})
	stop()
	os.Exit(code)
}

// run is the program: it returns its exit code.
func run(ctx context.Context, args []string, c console) int {
	opts, err := readOptions(args, c.errs)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(c.errs, "clients:", err)
		return exitUsage
	}
	good, err := makeAll(ctx, opts, c)
	if err != nil {
		fmt.Fprintln(c.errs, "clients:", err)
	}
	if err != nil || !good {
		return exitNo
	}
	return 0
}

func readOptions(args []string, errs io.Writer) (options, error) {
	flags := flag.NewFlagSet("clients", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage); flags.PrintDefaults() }
	opts := options{languages: languages}
	flags.StringVar(&opts.out, "out", "bin/clients", "the folder to write the clients into")
	flags.StringVar(&opts.contract, "contract", "openapi/tbc-v1.yaml", "the contract; its 3.0 copy stands beside it as *.oas30.yaml")
	only := flags.String("only", "", "languages, separated by commas (default all)")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if flags.NArg() > 0 {
		return opts, fmt.Errorf("what is %s? See clients --help", flags.Arg(0))
	}
	if *only == "" {
		return opts, nil
	}
	opts.languages = nil
	for _, name := range strings.Split(*only, ",") {
		at := slices.IndexFunc(languages, func(l language) bool { return l.folder == name })
		if at < 0 {
			return opts, fmt.Errorf("no language %q: use go, typescript, python, java, php", name)
		}
		opts.languages = append(opts.languages, languages[at])
	}
	return opts, nil
}

// makeAll makes the clients, starts a server unless there is one, runs the scripts and prints the table.
func makeAll(ctx context.Context, opts options, c console) (good bool, err error) {
	k, err := newKit(opts, c)
	if err != nil {
		return false, err
	}
	rows := k.build(ctx, opts.languages)
	environment, stop, err := k.server(ctx, c.getenv)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	k.conform(ctx, rows, environment)
	return printTable(c.out, rows), ctx.Err()
}

// newKit reads the contract and makes the folder for the clients.
func newKit(opts options, c console) (*kit, error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "tools/clients/expected.txt")); err != nil {
		return nil, errors.New("run it from the root of the repository")
	}
	k := &kit{root: root, now: c.now, progress: c.errs}
	if k.out, err = filepath.Abs(opts.out); err != nil {
		return nil, err
	}
	if k.contract, err = filepath.Abs(opts.contract); err != nil {
		return nil, err
	}
	k.tools = filepath.Join(root, "bin/clients/.tools")
	// A module of its own: the go command then leaves what is made here out of this one.
	module := []byte("module example.com/clients\n")
	return k, errors.Join(os.MkdirAll(k.tools, 0o755), os.MkdirAll(k.out, 0o755), os.WriteFile(filepath.Join(k.out, "go.mod"), module, 0o644))
}
