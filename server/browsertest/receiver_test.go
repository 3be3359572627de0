package browsertest

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/thebigclass/api/server/processtest"
)

// listening is what tbc-receiver says first.
var listening = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// startReceiver runs tbc-receiver with a secret on an address, whose port may be 0, and returns where it listens and
// what ends it.
func startReceiver(t *testing.T, address, secret string) (at string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	receiver := exec.CommandContext(ctx, processtest.Program("tbc-receiver"), "--addr", address)
	receiver.Env = append(os.Environ(), "TBC_WEBHOOK_SECRET="+secret)
	output, err := receiver.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		cancel()
		_ = receiver.Wait() // it was told to end
	}
	t.Cleanup(stop)
	lines := bufio.NewReader(output)
	line, err := lines.ReadString('\n')
	found := listening.FindStringSubmatch(line)
	if err != nil || found == nil {
		t.Fatalf("tbc-receiver says %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // or it would wait for a reader
	return found[1], stop
}
