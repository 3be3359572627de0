// Package chromium finds the browser that tests drive.
package chromium

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"

	"github.com/thebigclass/api/tools/testenv/debian"
)

// Variable names the browser to drive where it is not on PATH under one of its names.
const Variable = "TBC_TEST_CHROMIUM"

// ErrMissing says what to install. It is the whole message that a person sees, so it is a sentence.
var ErrMissing = errors.New("Chromium is not on this machine: install it " +
	"(Debian: sudo apt-get install chromium fonts-dejavu-core; macOS: brew install --cask chromium), " +
	"or set " + Variable + " to the program of a Chromium or Chrome")

// Find returns the program: the one that the environment names, else the first on PATH.
func Find() (string, error) {
	if named := os.Getenv(Variable); named != "" {
		return exec.LookPath(named)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}

// FindOrInstall is Find, and where there is none it installs Debian's package if it may, with a font so that
// screenshots have text.
func FindOrInstall(ctx context.Context, log io.Writer) (string, error) {
	return debian.FindOrInstall(ctx, log, debian.Wanted{
		Find: Find, Missing: ErrMissing, Packages: []string{"chromium", "fonts-dejavu-core"},
	})
}
