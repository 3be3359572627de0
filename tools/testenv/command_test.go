package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

// The exit code is the command's own, and the environment reaches it.
func TestCommand_PassesExitCodeAndEnvironment(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	cmd := command{args: []string{"sh", "-c", "echo $SEEN; exit 7"}, env: append(os.Environ(), "SEEN=yes"), stdout: &out, stderr: io.Discard}
	code, err := cmd.run(t.Context())
	if code != 7 || err != nil || out.String() != "yes\n" {
		t.Errorf("code %d, error %v, output %q", code, err, out.String())
	}
}

// A command that cannot start is our failure, with its name.
func TestCommand_ThatCannotStart(t *testing.T) {
	t.Parallel()
	code, err := command{args: []string{"/no/such/program"}, stdout: io.Discard, stderr: io.Discard}.run(t.Context())
	if code != 1 || err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("code %d, error %v", code, err)
	}
}

// Ctrl-C reaches the command as an interrupt, so that it can clean up, and its exit code is passed on.
func TestCommand_InterruptReachesTheCommand(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := command{args: []string{"sh", "-c", `trap "echo cleaned; exit 3" INT; echo ready; while :; do sleep 0.05; done`},
		env: os.Environ(), stderr: io.Discard}
	reader, writer := io.Pipe()
	cmd.stdout = writer
	said := make(chan string, 1)
	go func() {
		var all strings.Builder
		buffer := make([]byte, 64)
		for {
			n, err := reader.Read(buffer)
			all.Write(buffer[:n])
			if strings.Contains(all.String(), "ready") {
				cancel()
			}
			if err != nil {
				said <- all.String()
				return
			}
		}
	}()
	code, err := cmd.run(ctx)
	if closeErr := writer.Close(); closeErr != nil {
		t.Fatal(closeErr)
	}
	if out := <-said; code != 3 || err != nil || !strings.Contains(out, "cleaned") {
		t.Errorf("code %d, error %v, output %q", code, err, out)
	}
}

// A wrong call exits with 2 and starts nothing.
func TestRun_WrongUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"--"}, {"unknown"}, {"fuzz", "-time", "soon"}, {"fuzz", "-time", "-1s"}} {
		if code, err := run(t.Context(), args, io.Discard, io.Discard); code != 2 || err == nil {
			t.Errorf("%q: code %d, error %v", args, code, err)
		}
	}
}

// The targets below a folder are found by name, those of other tools' folders are not.
func TestFindFuzzTargets(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	source := "package p\n\nfunc FuzzOne(f *testing.F) {\n}\n\nfunc FuzzTwo(f *testing.F) {\n}\n\nfunc notFuzz(f *testing.F) {\n}\n"
	for _, folder := range []string{"a", "node_modules", "testdata"} {
		if err := os.MkdirAll(root+"/"+folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(root+"/"+folder+"/x_test.go", []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	targets, err := findFuzzTargets(root)
	if err != nil || len(targets) != 2 || targets[0].name != "FuzzOne" || targets[1].name != "FuzzTwo" {
		t.Errorf("found %v, error %v", targets, err)
	}
}
