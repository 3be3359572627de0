// Package nodereceiver runs, for tests, the receiver of webhooks/testdata/node:
// the developer page's example on Express 4. It needs Node.js and npm, and fails
// the test with a sentence where they are missing.
package nodereceiver

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// installing keeps the tests of one binary from fetching the same packages.
var installing sync.Mutex

// Start runs the receiver of the folder source with this secret until the test
// ends, and returns the URL that takes deliveries. Its clock stands still at now;
// with the zero time it is the machine's.
func Start(tb testing.TB, source, secret string, now time.Time) (url string) {
	tb.Helper()
	cmd := command(tb, Install(tb, source), "node", "serve.js")
	// Express prints every exception of the example, unless this says test.
	cmd.Env = append(os.Environ(), "NODE_ENV=test", "TBC_WEBHOOK_SECRET="+secret)
	if !now.IsZero() {
		cmd.Env = append(cmd.Env, "TBC_NOW="+strconv.FormatInt(now.UnixMilli(), 10))
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close() // ends serve.js
		_ = cmd.Wait()    // its exit is that of a process whose test is over
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatalf("the Node receiver did not start: %v", err)
	}
	return strings.TrimSpace(line)
}

// RunTests runs the receiver's own tests, which read the vectors of this file.
func RunTests(tb testing.TB, source, vectors string) {
	tb.Helper()
	path, err := filepath.Abs(vectors)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := command(tb, Install(tb, source), "node", "--test")
	cmd.Env = append(os.Environ(), "NODE_ENV=test", "TBC_VECTORS="+path)
	if output, err := cmd.CombinedOutput(); err != nil {
		tb.Errorf("node --test: %v\n%s", err, output)
	}
}

// Install copies the folder source and its locked packages to a place of their
// own and returns that. The place is named after the content, so that packages
// are fetched once for each change of it, and it appears complete or not at all,
// so that test binaries may run side by side. The source may be read-only.
func Install(tb testing.TB, source string) string {
	tb.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = tb.TempDir() // no home: fetched anew each time
	}
	installing.Lock()
	defer installing.Unlock()
	files := read(tb, source)
	installed := filepath.Join(cache, "thebigclass", "node-receiver-"+fingerprint(files))
	if exists(installed) {
		return installed
	}
	fresh := fetch(tb, filepath.Dir(installed), files)
	if err := os.Rename(fresh, installed); err != nil && !exists(installed) {
		tb.Fatal(err)
	}
	return installed
}

// fetch writes the files into a new folder inside parent and adds node_modules.
// Unless it is renamed, the folder goes with the test.
func fetch(tb testing.TB, parent string, files map[string]string) string {
	tb.Helper()
	if err := os.MkdirAll(parent, 0o755); err != nil {
		tb.Fatal(err)
	}
	fresh, err := os.MkdirTemp(parent, "installing-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(fresh) })
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), []byte(content), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	npm := command(tb, fresh, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	if output, err := npm.CombinedOutput(); err != nil {
		tb.Fatalf("npm ci, which fetches Express for the Node receiver, failed: %v\n%s", err, output)
	}
	return fresh
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// read returns the files of the folder by name; node_modules is no file.
func read(tb testing.TB, source string) map[string]string {
	tb.Helper()
	entries, err := os.ReadDir(source)
	if err != nil {
		tb.Fatal(err)
	}
	files := make(map[string]string)
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(source, entry.Name()))
		if err != nil {
			tb.Fatal(err)
		}
		files[entry.Name()] = string(content)
	}
	return files
}

func fingerprint(files map[string]string) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%q %q\n", name, files[name])
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// command is killed when the test ends.
func command(tb testing.TB, dir, name string, args ...string) *exec.Cmd {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		tb.Fatalf("%s is not installed: the webhook tests run our deliveries against the developer page's receiver, "+
			"which needs Node.js 20.4 or newer with npm", name)
	}
	cmd := exec.CommandContext(tb.Context(), path, args...)
	cmd.Dir = dir
	return cmd
}
