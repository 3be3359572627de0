package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// packageTimeout is what the tests of one package may take. The race detector on a busy machine of two cores can
// take the store's past go test's ten minutes; a test that hangs is still found long before a gate gives up.
const packageTimeout = "25m"

// goTest runs go test with the race detector over the given arguments and prints progress by package,
// the output of what failed, and the summary. Without arguments it is the whole suite, and then a database
// on which nothing ran fails it: a suite that forgot one of its databases must not look green.
func goTest(ctx context.Context, env, args []string, stdout, stderr io.Writer) (int, error) {
	if err := needCompiler(ctx, stderr); err != nil {
		return 1, err
	}
	whole := len(args) == 0
	if whole {
		args = []string{"./..."}
	}
	if err := errors.Join(needLanguages(ctx, whole, stderr), needBrowser(ctx, args, stderr),
		needContractTools(ctx, args, stderr)); err != nil {
		return 1, err
	}
	rounds, err := rounds(ctx, whole, args)
	if err != nil {
		return 1, err
	}
	report := newReport(stdout)
	reader, writer := io.Pipe()
	parsed := make(chan error, 1)
	go func() { parsed <- report.read(reader) }()

	code := 0
	for _, round := range rounds {
		goArgs := append([]string{"go", "test", "-json", "-race", "-timeout", packageTimeout}, round...)
		ended, failed := command{args: goArgs, env: append(env, "CGO_ENABLED=1"), stdout: writer, stderr: stderr}.run(ctx)
		code, err = max(code, ended), errors.Join(err, failed)
	}
	err = errors.Join(err, writer.Close(), <-parsed)
	if err == nil && ctx.Err() != nil {
		err = errors.New("stopped before the end: the summary is of a part")
	}
	if !report.summary(whole) || err != nil {
		code = max(code, 1)
	}
	return code, err
}

// rounds are the arguments of one go test after the other. The whole suite ends with the tests in a browser, alone:
// pages of megabytes, beside the race detector's other work, would not be drawn before a reader has lost patience.
func rounds(ctx context.Context, whole bool, args []string) ([][]string, error) {
	if !whole {
		return [][]string{args}, nil
	}
	var listed bytes.Buffer
	code, err := command{args: []string{"go", "list", "./..."}, env: os.Environ(), stdout: &listed, stderr: os.Stderr}.run(ctx)
	if err != nil || code != 0 {
		return nil, errors.Join(fmt.Errorf("go list ended with %d", code), err)
	}
	packages := slices.DeleteFunc(strings.Fields(listed.String()), func(name string) bool {
		return strings.HasSuffix(name, "/"+browserTests)
	})
	return [][]string{packages, {"./" + browserTests}}, nil
}

// event is one line of go test -json (see go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // instead of Package on build output
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string
}

// read takes events until the stream ends. Lines that are no events, such as the go command's own, are printed.
func (r *report) read(stream io.Reader) error {
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				r.add(e)
			} else {
				r.print(string(line))
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
