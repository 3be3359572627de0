package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"

	"github.com/thebigclass/api/tools/testenv/debian"
)

// languages are what the guides' samples and tools/receivers are run with, and the Debian package of each. Node.js and
// Python come with the machine or not at all: their tests say so.
var languages = map[string]string{"php": "php-cli", "ruby": "ruby", "openssl": "openssl"}

// needLanguages installs what is missing of them before the whole suite, where that is allowed. Elsewhere the tests
// fail with a sentence that says what to install.
func needLanguages(ctx context.Context, whole bool, log io.Writer) error {
	var missing []string
	for program, name := range languages {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, name)
		}
	}
	if !whole || len(missing) == 0 || !debian.CanInstall() {
		return nil
	}
	slices.Sort(missing)
	if err := debian.Install(ctx, log, missing...); err != nil {
		return fmt.Errorf("the guides' samples need their languages: %w", err)
	}
	return nil
}
