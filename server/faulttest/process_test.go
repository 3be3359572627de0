// Package faulttest kills, stops and cuts off real server processes, and holds
// what clients saw against what is left. Its tests build tbc once.
package faulttest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

// buildAndRun makes the binary as a user would and removes it after the tests.
func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "tbc-faulttest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary = filepath.Join(folder, "tbc")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/tbc").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build tbc: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// masterKey is the same for all processes of a test, as on real replicas.
const masterKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// database is one that processes of a test share.
type database struct {
	*testing.T
	url string
	env []string // over the defaults
}

func (db database) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+db.url, "TBC_ADDR=127.0.0.1:0", "TBC_MASTER_KEY="+masterKey,
		"TBC_ENV=production", "TBC_LOG_LEVEL=info", "TBC_LOG_FORMAT=json")
	cmd.Env = append(cmd.Env, db.env...)
	return cmd
}

// tbc runs a command of the command line and returns what it prints.
func (db database) tbc(args ...string) string {
	db.Helper()
	var complaints bytes.Buffer
	cmd := db.command(db.Context(), args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		db.Fatalf("tbc %s: %v: %s", strings.Join(args, " "), err, complaints.String())
	}
	return strings.TrimSpace(string(out))
}

// prepare migrates and makes a workspace.
func (db database) prepare() (workspaceID string) {
	db.Helper()
	db.tbc("migrate")
	return db.tbc("workspace", "create", "--name", "School", "--time-zone", "Europe/Berlin", "--currency", "EUR", "--owner-email", "o@example.com")
}

// key makes a key and returns its secret.
func (db database) key(workspaceID string, flags ...string) (secret string) {
	db.Helper()
	args := []string{"key", "create", "--json", "--workspace", workspaceID, "--name", "N", "--scope", "read:courses,read:students,write:students"}
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(db.tbc(append(args, flags...)...)), &made); err != nil {
		db.Fatal(err)
	}
	return made.Secret
}

// process is a running tbc serve.
type process struct {
	*testing.T
	cmd    *exec.Cmd
	url    string
	exited chan struct{}

	mu    sync.Mutex
	lines []logLine
	seen  *sync.Cond
}

// logLine is what tests read of the server's log.
type logLine struct {
	Msg, Address, RequestID string
	Status                  int
}

// serve starts a process and returns once it says that it serves.
func (db database) serve() *process {
	db.Helper()
	cmd := db.command(context.Background(), "serve")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		db.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		db.Fatal(err)
	}
	p := &process{T: db.T, cmd: cmd, exited: make(chan struct{})}
	p.seen = sync.NewCond(&p.mu)
	go func() {
		defer close(p.exited)
		p.read(bufio.NewScanner(stderr))
		_ = cmd.Wait() // read from ProcessState
		p.seen.Broadcast()
	}()
	db.Cleanup(p.kill)
	p.url = "http://" + p.await("serving").Address
	return p
}

func (p *process) read(lines *bufio.Scanner) {
	for lines.Scan() {
		var line logLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			line.Msg = lines.Text()
		}
		p.mu.Lock()
		p.lines = append(p.lines, line)
		p.mu.Unlock()
		p.seen.Broadcast()
	}
}

// await returns the first line with the message, or fails with the log when
// the process ends without one.
func (p *process) await(message string) logLine {
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

// requests are the ids of all requests that the server has finished, with their status.
func (p *process) requests() map[string]int {
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

// signal sends a signal; a process that is gone already is fine.
func (p *process) signal(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s)
}

// kill is kill -9, and returns when the process is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// wantExit waits for the end, for which no test should need a minute.
func (p *process) wantExit() *os.ProcessState {
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
