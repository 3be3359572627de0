package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/thebigclass/api/tools/testenv/chromium"
)

// browserTests drive a browser, and load into it the packages that their folder npm names.
const browserTests = "server/browsertest"

// needBrowser makes sure of Chromium and of what the tests load into it, if the tests to run are among those.
func needBrowser(ctx context.Context, args []string, log io.Writer) error {
	among := func(arg string) bool {
		folder, all := strings.CutSuffix(strings.TrimPrefix(arg, "./"), "...")
		return strings.HasPrefix(browserTests, strings.TrimSuffix(folder, "/")) && all || strings.TrimSuffix(folder, "/") == browserTests
	}
	if !slices.ContainsFunc(args, among) {
		return nil
	}
	if _, err := chromium.FindOrInstall(ctx, log); err != nil {
		return err
	}
	return installNPM(ctx, filepath.Join(browserTests, "npm"), log)
}

// installNPM runs npm ci in a folder whose node_modules is missing or not of its lock. A copy of the lock is kept
// beside what was installed, since only equal bytes tell that nothing has changed.
func installNPM(ctx context.Context, folder string, log io.Writer) error {
	lock, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return err
	}
	stamp := filepath.Join(folder, "node_modules", ".installed-lock.json")
	installed, err := os.ReadFile(stamp)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if bytes.Equal(installed, lock) {
		return nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.New("the tests in a browser load packages of npm: install Node.js with npm (Debian and Ubuntu: sudo apt-get install npm)")
	}
	fmt.Fprintf(log, "installing the packages of %s: npm ci\n", folder)
	ci := []string{"npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"}
	if code, err := (command{args: ci, env: os.Environ(), stdout: log, stderr: log}).run(ctx); err != nil || code != 0 {
		return errors.Join(fmt.Errorf("npm ci in %s ended with %d", folder, code), err)
	}
	return os.WriteFile(stamp, lock, 0o644)
}
