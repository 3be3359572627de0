// Package debian installs what a test run needs and the machine lacks, where that is allowed: as root,
// on a system with apt-get. Everywhere else the caller says in one sentence what a person should install.
package debian

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// CanInstall reports whether Install may be tried.
func CanInstall() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Geteuid() == 0
}

// Install fetches packages with apt-get. It can take minutes, so what apt-get says goes to log.
func Install(ctx context.Context, log io.Writer, packages ...string) error {
	install := append([]string{"install", "-y", "--no-install-recommends"}, packages...)
	for _, args := range [][]string{{"update"}, install} {
		fmt.Fprintf(log, "installing %s: apt-get %s\n", strings.Join(packages, " "), args[0])
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("apt-get %s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}

// Wanted is what a test run needs of a machine.
type Wanted struct {
	Find     func() (path string, err error) // fails with Missing where it is not there
	Missing  error                           // a sentence that says what a person should install
	Packages []string                        // of Debian
}

// FindOrInstall finds what is wanted, and where it is missing installs it if it may. What the installer prints goes to
// log, since it can take a minute.
func FindOrInstall(ctx context.Context, log io.Writer, w Wanted) (path string, err error) {
	path, err = w.Find()
	if !errors.Is(err, w.Missing) || !CanInstall() {
		return path, err
	}
	if err := Install(ctx, log, w.Packages...); err != nil {
		return "", fmt.Errorf("%w (%w)", w.Missing, err)
	}
	return w.Find()
}
