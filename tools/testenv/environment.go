package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/thebigclass/api/tools/testenv/debian"
	"github.com/thebigclass/api/tools/testenv/postgres"
)

// urlVariable is where every test looks for the PostgreSQL to create its database on.
const urlVariable = "TBC_TEST_POSTGRES_URL"

// testSettings trade durability for speed: what a test cluster holds is worth nothing after the run.
// synchronous_commit stays on, so that tests see the commits that production makes.
var testSettings = map[string]string{
	"fsync":            "off",
	"full_page_writes": "off",
	"max_connections":  "400", // every parallel test has a database and pools of its own
	"shared_buffers":   "256MB",
}

// withPostgres calls do with an environment whose tests find a PostgreSQL, and takes it down afterwards.
func withPostgres(ctx context.Context, log io.Writer, do func(env []string) (int, error)) (code int, err error) {
	if os.Getenv(urlVariable) != "" {
		return do(os.Environ())
	}
	cluster, err := postgres.Start(ctx, postgres.Options{Settings: testSettings, Log: log})
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopErr := cluster.Stop(); stopErr != nil {
			code, err = max(code, 1), errors.Join(err, stopErr)
		}
	}()
	return do(append(os.Environ(), urlVariable+"="+cluster.URL))
}

// needCompiler makes sure of the C compiler that the race detector links with, and no other part of the build.
func needCompiler(ctx context.Context, log io.Writer) error {
	names := []string{os.Getenv("CC"), "gcc", "clang", "cc"}
	for _, name := range names {
		if name == "" {
			continue
		}
		if _, err := exec.LookPath(name); err == nil {
			return nil
		}
	}
	if !debian.CanInstall() {
		return errors.New("the race detector needs a C compiler: install gcc (Debian and Ubuntu: sudo apt-get install gcc libc6-dev)")
	}
	if err := debian.Install(ctx, log, "gcc", "libc6-dev"); err != nil {
		return fmt.Errorf("the race detector needs a C compiler: %w", err)
	}
	return nil
}
