package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  cobra.NoArgs,
		RunE: p.does(func(*cobra.Command, []string) error {
			version, revision, modified := buildInfo()
			if modified {
				revision += ", modified"
			}
			p.printf("tbc %s (%s, %s %s/%s)\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		}),
	}
}

// buildInfo is what the Go toolchain stamped into this program.
func buildInfo() (version, revision string, modified bool) {
	version, revision = "(devel)", "unknown revision"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, revision, true
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			revision = setting.Value
		case "vcs.modified":
			modified = setting.Value == "true"
		}
	}
	return version, revision, modified
}

// buildID names exactly this program, for entity tags: the revision of a clean
// build, else the hash of the executable, so that a changed build never answers
// for the bodies of the one before.
func buildID() (string, error) {
	_, revision, modified := buildInfo()
	if len(revision) == 40 && !modified {
		return revision, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read this program: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read this program: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
