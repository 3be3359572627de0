package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// stopGrace is what a command has to end after Ctrl-C before its whole group is killed.
const stopGrace = 15 * time.Second

// command is a child process. It has a process group of its own, so that Ctrl-C reaches it and
// everything it started through us, and nothing of it outlives the cluster it talks to.
type command struct {
	args           []string
	env            []string
	stdout, stderr io.Writer
}

// run returns the command's exit code, 128 + n if signal n ended it, and an error if it could not start.
func (c command) run(ctx context.Context) (int, error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, c.stdout, c.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = stopGrace
	err := cmd.Run()
	if cmd.Process == nil {
		return 1, fmt.Errorf("start %s: %w", c.args[0], err)
	}
	// What the command left running would keep the cluster's connections. No such group is the usual case.
	if killErr := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); killErr != nil && !errors.Is(killErr, syscall.ESRCH) {
		return 1, fmt.Errorf("end what %s left running: %w", c.args[0], killErr)
	}
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return cmd.ProcessState.ExitCode(), nil
}
