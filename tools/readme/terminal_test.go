package readme

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a terminal may be silent: make run may have to build.
const patience = 5 * time.Minute

// line is a printed line and when it appeared.
type line struct {
	text string
	at   time.Time
}

// terminal is a shell that runs a block of the README from the repository's root.
type terminal struct {
	*testing.T
	name   string
	lines  chan line
	errs   *quiet
	exited chan struct{}
	failed error // once exited is closed

	interrupt func()
}

// open starts a block. What a reader would paste comes from stdin.
func open(t *testing.T, name, block, stdin string, env ...string) *terminal {
	t.Helper()
	cmd := exec.Command("sh", "-eu", "-c", block)
	cmd.Dir, cmd.Stdin, cmd.Env = root(t), strings.NewReader(stdin), append(newcomer(os.Environ()), env...)
	return start(t, name, cmd)
}

// openIn starts a block in another folder.
func openIn(t *testing.T, folder, block string, env ...string) *terminal {
	t.Helper()
	cmd := exec.Command("sh", "-eu", "-c", block)
	cmd.Dir, cmd.Env = folder, append(newcomer(os.Environ()), env...)
	return start(t, "the terminal", cmd)
}

func start(t *testing.T, name string, cmd *exec.Cmd) *terminal {
	t.Helper()
	term := &terminal{T: t, name: name, lines: make(chan line, 1000), errs: &quiet{}, exited: make(chan struct{})}
	cmd.Stderr = term.errs
	// A group of its own, as of a real terminal: Ctrl-C reaches all that the block has started.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(term.exited)
		term.read(stdout)
		term.failed = cmd.Wait()
	}()
	term.interrupt = func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) } // a group that is gone is fine
	t.Cleanup(term.close)
	return term
}

// close presses Ctrl-C and waits for the end, which is no success.
func (t *terminal) close() {
	t.interrupt()
	_ = t.wait()
}

// newcomer leaves out what a newcomer's environment has not: settings of the
// server, and what a make that runs this test would tell a make in it.
func newcomer(env []string) []string {
	var kept []string
	for _, variable := range env {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "MAKE") && !strings.HasPrefix(name, "MFLAGS") && !strings.HasPrefix(name, "TBC_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func (t *terminal) read(stdout io.Reader) {
	scanner := bufio.NewScanner(stdout)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		now := time.Now() //nolint:forbidigo // the server is another process: the machine's clock is what they share
		t.lines <- line{text: scanner.Text(), at: now}
	}
}

// await returns the next line that matches, as the pattern's groups, and when it appeared.
func (t *terminal) await(pattern string) (groups []string, at time.Time) {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		select {
		case printed := <-t.lines:
			if found := expression.FindStringSubmatch(printed.text); found != nil {
				return found, printed.at
			}
		case <-t.exited:
			if len(t.lines) > 0 {
				continue
			}
			t.Fatalf("%s ended (%v) without printing %s: %s", t.name, t.failed, pattern, t.errs)
		case <-ctx.Done():
			t.Fatalf("%s does not print %s: %s", t.name, pattern, t.errs)
		}
	}
}

// wait returns when the block has ended, with how.
func (t *terminal) wait() error {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-t.exited:
		return t.failed
	case <-timer.C:
		t.Errorf("%s does not end: %s", t.name, t.errs)
		return nil
	}
}

// quiet keeps what a terminal complains of until somebody asks.
type quiet struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (q *quiet) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.text.Write(p)
}

// String is all of it.
func (q *quiet) String() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.text.String()
}
