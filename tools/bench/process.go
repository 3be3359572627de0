package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// readyLimit is how long a server may take to answer before the row counts as not measured.
	readyLimit = 30 * time.Second
	// stopLimit is how long it may take to end before it is killed.
	stopLimit = 30 * time.Second
	// lifeLimit ends a server that this benchmark has forgotten. No group uses one for as long.
	lifeLimit = 20 * time.Minute
)

// process is a server that this benchmark started, and ends by its pid.
type process struct {
	addr   string
	cmd    *exec.Cmd
	stderr *bytes.Buffer // read only after exited is closed
	exited chan struct{}
}

// start runs cmd as a server on addr. Its standard error is kept for the message of a failure.
func start(cmd *exec.Cmd, addr string) (*process, error) {
	p := &process{addr: addr, cmd: cmd, stderr: &bytes.Buffer{}, exited: make(chan struct{})}
	cmd.Stderr = p.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours to pass on
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	bound := time.AfterFunc(lifeLimit, func() { _ = cmd.Process.Kill() })
	go func() {
		defer close(p.exited)
		_ = cmd.Wait() // the exit code is in ProcessState
		bound.Stop()
	}()
	return p, nil
}

// serve starts tbc on the database, with settings beside the usual, and returns how long it took until /readyz said yes.
func (b *bench) serve(ctx context.Context, db database, settings ...string) (*process, time.Duration, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, 0, err
	}
	cmd := exec.Command(b.binary, "serve")
	cmd.Dir, cmd.Env = db.folder, append(environment(db, addr), settings...)
	began := time.Now()
	p, err := start(cmd, addr)
	if err != nil {
		return nil, 0, err
	}
	if err := p.await(ctx, "/readyz"); err != nil {
		return nil, 0, errors.Join(err, p.stop())
	}
	return p, time.Since(began), nil
}

// await asks for path every few milliseconds until it answers 200.
func (p *process) await(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := fetch(ctx, p.addr, path, "")
		if err == nil {
			return p.alive()
		}
		select {
		case <-tick.C:
		case <-p.exited:
			return p.alive()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w", p.cmd.Path, err)
		}
	}
}

// alive is an error if the process has ended. Whatever then answers on its port is somebody else.
func (p *process) alive() error {
	select {
	case <-p.exited:
		return fmt.Errorf("%s ended (%s): %s", p.cmd.Path, p.cmd.ProcessState, lastLine(p.stderr.Bytes()))
	default:
		return nil
	}
}

// stop ends the process cleanly, or by force after a while.
func (p *process) stop() error {
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		timer := time.NewTimer(stopLimit)
		select {
		case <-p.exited:
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
	return fmt.Errorf("pid %d does not end", p.cmd.Process.Pid)
}

// residentMB is the process's resident memory in units of 10^6 bytes, as /proc has it.
func (p *process) residentMB() (float64, error) { return memoryMB(p.cmd.Process.Pid, "VmRSS:") }

// memoryMB is a figure of a process's memory, in the same unit.
func memoryMB(pid int, figure string) (float64, error) {
	status, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, fmt.Errorf("memory is read from /proc: %w", err)
	}
	defer status.Close()
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), figure); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, errors.Join(errors.New("no "+figure+" in the process's status"), lines.Err())
}

// freeAddr is an address of loopback that nobody listens on.
func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
