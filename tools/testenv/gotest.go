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

	"github.com/thebigclass/api/tools/testenv/traffic"
)

// packageTimeout is what the tests of one package may take. The race detector on a busy machine of two cores can
// take the store's past go test's ten minutes; a test that hangs is still found long before a gate gives up.
const packageTimeout = "25m"

// testRun is one go test, or several in turn, with the race detector.
type testRun struct {
	env            []string
	args           []string // of go test; none is the whole suite
	judged         bool     // whether the traffic of the tests is judged, as that of the whole suite always is
	stdout, stderr io.Writer
}

// run prints progress by package, the output of what failed, and the summary. Over the whole suite a database on
// which nothing ran fails it: a suite that forgot one of its databases must not look green.
func (r testRun) run(ctx context.Context) (int, error) {
	whole := len(r.args) == 0
	judged := r.judged || whole
	if whole {
		r.args = []string{"./..."}
	}
	if err := r.need(ctx, whole, judged); err != nil {
		return 1, err
	}
	recorded := ""
	if judged {
		var err error
		if recorded, err = trafficFolder(); err != nil {
			return 1, err
		}
		r.env = append(r.env, traffic.Folder+"="+recorded)
	}
	rounds, err := rounds(ctx, whole, r.args)
	if err != nil {
		return 1, err
	}
	report := newReport(r.stdout)
	code, err := r.test(ctx, rounds, report)
	if err == nil && ctx.Err() != nil {
		err = errors.New("stopped before the end: the summary is of a part")
	}
	if judged && err == nil {
		report.judge(judgeTraffic(ctx, recorded))
	}
	if !report.summary(whole) || err != nil {
		code = max(code, 1)
	}
	return code, err
}

// need makes sure of the programs that the tests call for.
func (r testRun) need(ctx context.Context, whole, judged bool) error {
	if err := needCompiler(ctx, r.stderr); err != nil {
		return err
	}
	return errors.Join(needLanguages(ctx, whole, r.stderr), needBrowser(ctx, r.args, r.stderr), needRedocly(ctx, judged, r.args, r.stderr))
}

// test runs the rounds one after the other into the report.
func (r testRun) test(ctx context.Context, rounds [][]string, report *report) (code int, err error) {
	reader, writer := io.Pipe()
	parsed := make(chan error, 1)
	go func() { parsed <- report.read(reader) }()
	for _, round := range rounds {
		goArgs := append([]string{"go", "test", "-json", "-race", "-timeout", packageTimeout}, round...)
		ended, failed := command{args: goArgs, env: append(r.env, "CGO_ENABLED=1"), stdout: writer, stderr: r.stderr}.run(ctx)
		code, err = max(code, ended), errors.Join(err, failed)
	}
	return code, errors.Join(err, writer.Close(), <-parsed)
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
