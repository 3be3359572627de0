// Package postgres runs a private PostgreSQL cluster for as long as a test run or a benchmark needs one.
// The cluster lives in a temporary folder, listens on a free port of loopback alone, trusts every
// connection, and is gone after Stop. It never touches a cluster that the machine already has.
package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	// startLimit bounds a start; on a slow disk recovery after a crash is the longest part.
	startLimit = 60 * time.Second
	// stopLimit is how long a fast shutdown may take before the server is made to abort.
	stopLimit = 20 * time.Second
)

// Options are what the users of a cluster differ in.
type Options struct {
	// Settings are server settings (postgresql.conf names) over the defaults.
	Settings map[string]string
	// Log receives what installation says. The server's own log is the file of Cluster.LogPath.
	Log io.Writer
}

// Cluster is a running server. Stop it, or its process and folder stay behind.
type Cluster struct {
	// URL is the administrator's, for a role that may create databases.
	URL string
	// LogPath is the server's log.
	LogPath string

	folder   string
	programs string
	port     int
	account  *syscall.Credential
	settings map[string]string
	server   *exec.Cmd
	exited   chan struct{}
}

// Start creates a cluster and returns when it answers. A failed start leaves nothing behind.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	programs, err := ProgramsOrInstall(ctx, opts.Log)
	if err != nil {
		return nil, err
	}
	account, err := account()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "tbc-postgres-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder, programs: programs, account: account, settings: opts.Settings,
		LogPath: filepath.Join(folder, "log")}
	if err := c.create(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// create lays the cluster out in its folder and starts it on a free port.
func (c *Cluster) create(ctx context.Context) error {
	if c.account != nil {
		if err := os.Chown(c.folder, int(c.account.Uid), int(c.account.Gid)); err != nil {
			return err
		}
	}
	initdb := exec.CommandContext(ctx, filepath.Join(c.programs, "initdb"), "-D", c.data(), "-U", "postgres",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if out, err := c.as(initdb).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w: %s", c.folder, err, bytes.TrimSpace(out))
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	c.port = port
	c.URL = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	return c.Restart(ctx)
}

// Restart stops the server if it runs and starts it again on the same port and data.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.halt(); err != nil {
		return err
	}
	log, err := os.OpenFile(c.LogPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	server := c.as(exec.Command(filepath.Join(c.programs, "postgres"), c.arguments()...))
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	c.server, c.exited = server, make(chan struct{})
	go func(done chan struct{}) {
		defer close(done)
		_ = server.Wait() // the exit is read from ProcessState, the reason stands in the log
	}(c.exited)
	return c.await(ctx)
}

// await returns when the server takes connections, or an error with the log when it ended or took too long.
func (c *Cluster) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ready := exec.CommandContext(ctx, filepath.Join(c.programs, "pg_isready"),
			"-q", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port))
		if ready.Run() == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-c.exited:
			return fmt.Errorf("PostgreSQL ended at once: %s", c.logTail())
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL did not become ready: %w: %s", ctx.Err(), c.logTail())
		}
	}
}

// Stop ends the server and removes its folder. Stopping twice is safe.
func (c *Cluster) Stop() error {
	return errors.Join(c.halt(), os.RemoveAll(c.folder))
}

// halt ends the server: connections are cut at once (SIGINT), and one that hangs is aborted (SIGQUIT).
func (c *Cluster) halt() error {
	if c.server == nil {
		return nil
	}
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := c.server.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop PostgreSQL: %w", err)
		}
		timer := time.NewTimer(stopLimit)
		select {
		case <-c.exited:
			timer.Stop()
			c.server = nil
			return nil
		case <-timer.C:
		}
	}
	return fmt.Errorf("PostgreSQL (pid %d) does not stop", c.server.Process.Pid)
}

// as makes cmd run as the cluster's account, in its folder (the caller's may be closed to that account)
// and in a process group of its own, so that a Ctrl-C at the terminal reaches the tests first.
func (c *Cluster) as(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = c.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.account}
	return cmd
}

// arguments are the server's. There is no Unix socket, whose path is limited to about a hundred bytes.
func (c *Cluster) arguments() []string {
	args := []string{"-D", c.data(), "-p", strconv.Itoa(c.port), "-h", "127.0.0.1", "-k", ""}
	for name, value := range c.settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }

// logTail is the end of the server's log, which names the cause of a failed start.
func (c *Cluster) logTail() []byte {
	const most = 2000
	log, err := os.ReadFile(c.LogPath)
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(log[max(0, len(log)-most):])
}

// freePort asks the system for one. Another process may take it before the server does: then the start
// fails with the log's sentence, and a second run helps.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
