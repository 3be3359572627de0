package receivers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a process may take to start or to end on a busy machine.
const patience = 2 * time.Minute

// process is a running receiver.
type process struct {
	cmd     *exec.Cmd
	output  *screen
	exited  chan struct{}
	address string
}

// screen keeps what a process prints, and tells when something new has come.
type screen struct {
	mu    sync.Mutex
	text  bytes.Buffer
	fresh chan struct{}
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.fresh <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

// String is all of it.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// run starts a command in a process group of its own, which is killed when the test ends.
func run(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, output: &screen{fresh: make(chan struct{}, 1)}, exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
	}()
	t.Cleanup(p.kill)
	return p
}

// kill ends the process and its children as a power cut would: nothing is finished.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // a group that is gone is fine
	<-p.exited
}

var listening = regexp.MustCompile(`http://(127\.0\.0\.1:[1-9][0-9]*)`)

// await waits until the process has printed where it listens.
func (p *process) await(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		if found := listening.FindStringSubmatch(p.output.String()); found != nil {
			p.address = found[1]
			return
		}
		select {
		case <-p.output.fresh:
		case <-p.exited:
			t.Fatalf("%s ended: %s", p.cmd, p.output)
		case <-ctx.Done():
			t.Fatalf("%s does not listen: %s", p.cmd, p.output)
		}
	}
}

// refused waits for the process to end, and fails the test if that was a success.
func (p *process) refused(t *testing.T) {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		t.Fatalf("%s goes on: %s", p.cmd, p.output)
	}
	if p.cmd.ProcessState.Success() {
		t.Errorf("%s ended as if nothing were wrong: %s", p.cmd, p.output)
	}
}

// freeAddress is one that nobody listens on at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// worked counts the events of this id that work has written into the folder.
func worked(t *testing.T, folder, id string) (count int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "events.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var event struct{ ID string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("events.jsonl: %v: %.200s", err, line)
		}
		if event.ID == id {
			count++
		}
	}
	return count
}
