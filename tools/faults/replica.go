package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// The states of a replica.
const (
	replicaDown    = "down"
	replicaRunning = "running"
	replicaStopped = "stopped" // by SIGSTOP
)

// startLimit is how long a server may take to answer, database recovery included.
const startLimit = 60 * time.Second

// replica is a place in which one server process after the other runs. Each process, a life, has a name of its own,
// such as a-3, which it shows in the User-Agent of what it sends.
type replica struct {
	run  *run
	name string
	url  string // of its database

	mu     sync.Mutex
	state  string
	lives  int
	addr   string
	cmd    *exec.Cmd
	exited chan struct{}
}

// life is the name of the present process, or of the last one.
func (r *replica) life() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprintf("%s-%d", r.name, r.lives)
}

// at is where the API answers; "" unless the replica runs.
func (r *replica) at() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state != replicaRunning {
		return ""
	}
	return r.addr
}

// start starts processes until one is ready, as whoever supervises a server does: one that comes up while its
// database is away ends by itself.
func (r *replica) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := r.startOnce(ctx)
		if err == nil {
			return nil
		}
		if pause(ctx, 100*time.Millisecond) != nil {
			return fmt.Errorf("start %s: %w", r.life(), err)
		}
	}
}

func (r *replica) startOnce(ctx context.Context) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.lives++
	life := fmt.Sprintf("%s-%d", r.name, r.lives)
	r.mu.Unlock()
	log, err := os.Create(filepath.Join(r.run.folder, life+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := r.run.command(r.url, "serve")
	cmd.Env = append(cmd.Env, "TBC_ADDR="+addr, "TBC_BASE_URL=http://"+life+".test")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // however it ended: the log says more
	}()
	if err := awaitReady(ctx, addr, exited); err != nil {
		_ = cmd.Process.Kill() // one that has ended is fine
		<-exited
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.addr, r.cmd, r.exited = replicaRunning, addr, cmd, exited
	return nil
}

// signal sends a signal to the process, if there is one.
func (r *replica) signal(s syscall.Signal, next string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil || r.state == replicaDown {
		return
	}
	r.state = next
	_ = r.cmd.Process.Signal(s) // one that has ended by itself is found by end
}

// end ends the process by a signal and returns when it is gone. A stopped one would not hear SIGTERM.
func (r *replica) end(ctx context.Context, s syscall.Signal) error {
	r.mu.Lock()
	exited, running := r.exited, r.state != replicaDown
	r.mu.Unlock()
	if !running {
		return nil
	}
	r.signal(s, replicaDown)
	select {
	case <-exited:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// crashed reports whether the process has ended without being told to.
func (r *replica) crashed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == replicaDown || r.exited == nil {
		return false
	}
	select {
	case <-r.exited:
		return true
	default:
		return false
	}
}

// awaitReady asks until the server on addr answers. It listens only once its database is open. Its /readyz would not
// do: it may be red because the queue is old, which faults make it.
func awaitReady(ctx context.Context, addr string, exited <-chan struct{}) error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		ready, err := isReady(ctx, client, addr)
		if ready {
			return nil
		}
		select {
		case <-exited:
			return errors.New("the server ended before it was ready")
		default:
		}
		if pause(ctx, 20*time.Millisecond) != nil {
			return errors.Join(errors.New("the server is not ready"), err)
		}
	}
}

func isReady(ctx context.Context, client *http.Client, addr string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/healthz", nil)
	if err != nil {
		return false, err
	}
	response, err := client.Do(request)
	if err != nil {
		return false, err
	}
	return response.StatusCode == http.StatusOK, response.Body.Close()
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// pause waits, or returns the context's error if that ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kill ends whatever runs, stopped or not. It is the clean-up of a run.
func (r *replica) kill() error {
	r.mu.Lock()
	cmd, exited := r.cmd, r.exited
	r.state = replicaDown
	r.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Kill() // one that has ended is fine
	<-exited
	return nil
}
