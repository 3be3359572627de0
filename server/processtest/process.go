package processtest

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a running tbc serve.
type Process struct {
	*testing.T
	URL string

	cmd     *exec.Cmd
	printed string // the file that standard output goes to
	exited  chan struct{}

	mu    sync.Mutex
	lines []LogLine
	seen  *sync.Cond
}

// LogLine is what tests read of the server's log.
type LogLine struct {
	Msg, Address, RequestID string
	Status                  int

	Text string `json:"-"` // the whole line
}

// Serve starts a process and returns once it says that it serves.
func (db Database) Serve() *Process {
	db.Helper()
	cmd := db.command(context.Background(), "serve")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		db.Fatal(err)
	}
	p := &Process{T: db.T, cmd: cmd, printed: filepath.Join(db.TempDir(), "stdout"), exited: make(chan struct{})}
	// A file holds what was printed before the log says that the server serves; a pipe might still be read.
	stdout, err := os.Create(p.printed)
	if err != nil {
		db.Fatal(err)
	}
	cmd.Stdout = stdout
	if err := cmd.Start(); err != nil {
		db.Fatal(err)
	}
	if err := stdout.Close(); err != nil {
		db.Fatal(err)
	}
	p.seen = sync.NewCond(&p.mu)
	go func() {
		defer close(p.exited)
		p.read(bufio.NewScanner(stderr))
		_ = cmd.Wait() // read from ProcessState
		p.seen.Broadcast()
	}()
	db.Cleanup(p.Kill)
	p.URL = "http://" + p.Await("serving").Address
	return p
}

func (p *Process) read(lines *bufio.Scanner) {
	for lines.Scan() {
		var line LogLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			line.Msg = lines.Text()
		}
		line.Text = lines.Text()
		p.mu.Lock()
		p.lines = append(p.lines, line)
		p.mu.Unlock()
		p.seen.Broadcast()
	}
}

// Await returns the first line with the message, or fails with the log when
// the process ends without one.
func (p *Process) Await(message string) LogLine {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for _, line := range p.lines {
			if line.Msg == message {
				return line
			}
		}
		select {
		case <-p.exited:
			p.Fatalf("tbc serve ended without saying %q: %v", message, p.lines)
		default:
			p.seen.Wait()
		}
	}
}

// Log is all that the server has logged so far.
func (p *Process) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all strings.Builder
	for _, line := range p.lines {
		all.WriteString(line.Text + "\n")
	}
	return all.String()
}

// Printed is what the server has written to standard output: what it shows once, at its first start.
func (p *Process) Printed() string {
	p.Helper()
	printed, err := os.ReadFile(p.printed)
	if err != nil {
		p.Fatal(err)
	}
	return string(printed)
}

// Requests are the ids of all requests that the server has finished, with their status.
func (p *Process) Requests() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := map[string]int{}
	for _, line := range p.lines {
		if line.Msg == "request" {
			found[line.RequestID] = line.Status
		}
	}
	return found
}

// Signal sends a signal; a process that is gone already is fine.
func (p *Process) Signal(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s)
}

// Kill is kill -9, and returns when the process is gone.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.exited
}

// WantExit waits for the end, for which no test should need a minute.
func (p *Process) WantExit() *os.ProcessState {
	p.Helper()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		p.Fatal("tbc serve does not end")
	}
	return p.cmd.ProcessState
}
