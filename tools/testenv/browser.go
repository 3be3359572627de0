package main

import (
	"context"
	"io"
	"path/filepath"

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
