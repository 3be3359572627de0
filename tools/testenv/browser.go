package main

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/thebigclass/api/tools/testenv/chromium"
)

// browserTests drive a browser, and load into it the packages that their folder npm names.
const browserTests = "server/browsertest"

// needBrowser makes sure of Chromium and of what the tests load into it, if the tests to run are among those.
func needBrowser(ctx context.Context, args []string, log io.Writer) error {
	if !among(args, browserTests) {
		return nil
	}
	if _, err := chromium.FindOrInstall(ctx, log); err != nil {
		return err
	}
	return installNPM(ctx, filepath.Join(browserTests, "npm"), log)
}

// among reports whether the arguments of go test name the package in the folder, by itself or with those around it.
func among(args []string, folder string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		named, all := strings.CutSuffix(strings.TrimPrefix(arg, "./"), "...")
		named = strings.TrimSuffix(named, "/")
		return strings.HasPrefix(folder, named) && all || named == folder
	})
}
