package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// stopPatience is what the server has to end after an interrupt.
const stopPatience = 20 * time.Second

// reading are the scopes that a key needs to look around; everything is all that there are.
var (
	reading    = []string{"read:courses", "read:students"}
	everything = []string{
		"read:courses", "write:courses", "read:students", "write:students", "read:enrollments", "write:enrollments",
		"read:orders", "write:orders", "read:live_sessions", "write:live_sessions", "read:certificates", "write:certificates",
		"read:webhooks", "write:webhooks", "read:events", "read:analytics",
	}
)

// server returns the environment of the scripts: a server's address and three keys. Unless TBC_URL names one, it is a
// server of our own, as make run starts it, with an empty folder for its data, until stop is called.
func (k *kit) server(ctx context.Context, getenv func(string) string) (env []string, stop func() error, err error) {
	if getenv("TBC_URL") == "" {
		return k.startServer(ctx)
	}
	for _, name := range []string{"TBC_URL", "TBC_KEY", "TBC_READ_KEY", "TBC_LIMITED_KEY"} {
		if getenv(name) == "" {
			return nil, nil, fmt.Errorf("with TBC_URL, %s must be set too: see clients --help", name)
		}
		env = append(env, name+"="+strings.TrimSuffix(getenv(name), "/"))
	}
	return env, func() error { return nil }, nil
}

// A tbc is the server's program with a database of its own.
type tbc struct {
	binary string
	env    []string
}

// startServer builds the server, starts it and makes the keys.
func (k *kit) startServer(ctx context.Context) (env []string, stop func() error, err error) {
	// Not bin/tbc: somebody may be running that.
	program := tbc{binary: filepath.Join(k.tools, "tbc")}
	if _, err := k.shell(ctx, language{}, k.root, "go build -o "+program.binary+" ./server/cmd/tbc"); err != nil {
		return nil, nil, err
	}
	data, err := os.MkdirTemp("", "tbc-clients-")
	if err != nil {
		return nil, nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(data))
	}
	program.env = append(k.environment(), "TBC_ADDR="+address, "DATABASE_URL=sqlite:"+filepath.Join(data, "tbc.db"))
	end, err := program.serve(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(data))
	}
	stop = func() error { return errors.Join(end(), os.RemoveAll(data)) }
	if env, err = program.keys(ctx); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return append(env, "TBC_URL=http://"+address), stop, nil
}

// serve starts the server and returns when it says that it is there.
func (p tbc) serve(ctx context.Context) (end func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, p.binary, "serve")
	cmd.Env = p.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopPatience
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	end = func() error {
		cancel()
		if err := cmd.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the server ended: %w: %s", err, excerpt(errs.String()))
		}
		return nil
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		// The demo's login is the last that a first start prints: its workspace is there by now.
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "password") {
			return end, nil
		}
	}
	return nil, errors.Join(errors.New("the server does not start"), end())
}

// keys makes the three keys of the scripts in the demo's workspace. Two may call as often as they like.
func (p tbc) keys(ctx context.Context) (env []string, err error) {
	var workspaces []struct{ ID string }
	if err := p.json(ctx, &workspaces, "workspace", "list", "--json"); err != nil {
		return nil, err
	}
	if len(workspaces) != 1 {
		return nil, fmt.Errorf("%d workspaces, want the demo's", len(workspaces))
	}
	for _, key := range []struct {
		variable, perMinute string
		scopes              []string
	}{{"TBC_KEY", "100000", everything}, {"TBC_READ_KEY", "100000", reading}, {"TBC_LIMITED_KEY", "2", reading}} {
		var made struct{ Secret string }
		err := p.json(ctx, &made, "key", "create", "--json", "--workspace", workspaces[0].ID, "--name", key.variable,
			"--scope", strings.Join(key.scopes, ","), "--rate-minute", key.perMinute, "--rate-day", "100000")
		if err != nil {
			return nil, err
		}
		env = append(env, key.variable+"="+made.Secret)
	}
	return env, nil
}

// json runs a command of tbc and reads what it prints.
func (p tbc) json(ctx context.Context, into any, args ...string) error {
	cmd := exec.CommandContext(ctx, p.binary, args...)
	cmd.Env = p.env
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("tbc %s: %w", strings.Join(args[:2], " "), err)
	}
	return json.Unmarshal(out, into)
}

// freeAddress is one of loopback that nobody listens on at the moment.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
