package receivers_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const mostLines = 50 // a screen

// followReadme starts each receiver of the README as it stands there, sends it the sample twice as it stands there, and
// finds that it was taken once. Only the port is another, a free one.
func (l language) followReadme(t *testing.T) {
	t.Helper()
	if lines := strings.Count(read(t, l.name+"/README.md"), "\n"); lines > mostLines {
		t.Errorf("%s/README.md has %d lines, want at most %d", l.name, lines, mostLines)
	}
	if len(l.uses(stays)) == 0 || len(l.uses(send)) != 1 {
		t.Fatalf("%s/README.md starts %d receivers and sends %d times", l.name, len(l.uses(stays)), len(l.uses(send)))
	}
	tool, err := sender()
	if err != nil {
		t.Fatal(err)
	}
	for _, start := range l.uses(stays) {
		address := freeAddress(t)
		_, port, _ := strings.Cut(address, ":")
		ports := strings.NewReplacer("127.0.0.1:8090", address, "--port 8090", "--port "+port)
		cmd := l.shell(t, ports.Replace(start))
		cmd.Env = append(cmd.Env, "TBC_DATA="+t.TempDir(), "PORT="+port)
		p := run(t, cmd)
		p.await(t)
		for range 2 {
			sending := exec.CommandContext(t.Context(), "sh", "-eu", "-c",
				strings.ReplaceAll(ports.Replace(l.uses(send)[0]), "bin/tbc-receiver", tool))
			sending.Dir, sending.Env = absolute(t, "../.."), environment()
			if output, err := sending.CombinedOutput(); err != nil || !strings.Contains(string(output), "order.paid was taken by") {
				t.Errorf("%v: %s; the receiver: %s", err, output, p.output)
			}
		}
		p.kill()
		if count := strings.Count(p.output.String(), "order.paid evt_"); count != 1 {
			t.Errorf("%s\nprinted the event %d times: %s", start, count, p.output)
		}
	}
}

// programs is a folder that all tests of the package share.
var programs string

// TestMain makes the folder and removes it.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "receivers-")
	if err != nil {
		panic(err)
	}
	programs = folder
	code := m.Run()
	_ = os.RemoveAll(folder) // a temporary folder: the system removes what is left
	os.Exit(code)
}

// sender builds tbc-receiver once. It is not bin/tbc-receiver, which other tests build and use.
var sender = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programs, "tbc-receiver")
	output, err := exec.CommandContext(context.Background(), "go", "build", "-o", path, "../tbc-receiver").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build tbc-receiver: %w: %s", err, output)
	}
	return path, nil
})

// The verifiers have one source: what the guide tells people to copy is what these receivers import.
func TestVerifiers_AreThoseOfTheGuide(t *testing.T) {
	t.Parallel()
	inGuide := map[string]string{}
	for _, b := range blocks(t, "../../server/docs/guides/verifying-signatures.md") {
		inGuide[b.use] = b.text
	}
	for _, file := range []string{"node/verify.mjs", "python/verify.py", "php/verify.php"} {
		_, name, _ := strings.Cut(file, "/")
		if text := read(t, file); text != inGuide[name] {
			t.Errorf("%s is not what server/docs/guides/verifying-signatures.md shows as %s: make them equal", file, name)
		}
	}
}

// What README.md says of the developer page's example is what was measured.
func TestReadme_CountsWhatThePagesExampleAnswers(t *testing.T) {
	t.Parallel()
	all := vectors(t)
	var accepts, refuses, throws int
	for _, v := range all {
		switch {
		case v.Page == 200 && v.Verdict != "ok":
			accepts++
		case v.Page == 401 && v.Verdict == "ok":
			refuses++
		case v.Page == 500:
			throws++
		}
	}
	sentence := fmt.Sprintf("Of the %d vectors in [`webhooks/testdata/vectors.json`](../../webhooks/testdata/vectors.json) it accepts %d "+
		"that ours refuse, answers 401 to %d that ours accept, and throws at %d;", len(all), accepts, refuses, throws)
	if text := strings.Join(strings.Fields(read(t, "README.md")), " "); !strings.Contains(text, sentence) {
		t.Errorf("README.md does not say: %s", sentence)
	}
}

// The guide's receiver in PHP is short, and must yet not lose an event: where errors are displayed, as they are without
// a php.ini, PHP answers 200 for a script that throws.
func TestGuide_ThePHPReceiverAsksAgainAfterAnException(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("php"); err != nil {
		t.Fatalf("php is not installed; the guide's receiver needs %s", needs["php"])
	}
	folder := t.TempDir()
	for _, b := range blocks(t, "../../server/docs/guides/verifying-signatures.md") {
		if strings.HasSuffix(b.use, ".php") {
			write(t, filepath.Join(folder, b.use), b.text)
		}
	}
	cmd := exec.CommandContext(t.Context(), "php", "-n", "-d", "display_errors=1", "-S", freeAddress(t), "receiver.php")
	cmd.Dir, cmd.Env = folder, append(environment(), "TBC_WEBHOOK_SECRET="+ours)
	p := run(t, cmd)
	p.await(t)
	p.want(t, "an event", delivery{body: event("evt_1"), header: sign(t, event("evt_1"), 0, ours)}, 204)
	p.want(t, "no JSON, so that it throws", delivery{body: "{", header: sign(t, "{", 0, ours)}, 500)
}
