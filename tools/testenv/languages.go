package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/thebigclass/api/tools/testenv/debian"
)

// languages are what the guides' samples, tools/receivers and tools/clients are run with, and the Debian package of each.
// Node.js and Python come with the machine or not at all: their tests say so.
var languages = map[string]string{
	"php": "php-cli", "ruby": "ruby", "openssl": "openssl", "javac": "default-jdk-headless", "mvn": "maven",
}

// parts are what the generated clients need that is no program: a file of each, and its Debian package.
var parts = map[string]string{
	"/usr/lib/python3*/ensurepip/__init__.py": "python3-venv",
	"/usr/share/php/GuzzleHttp/autoload.php":  "php-guzzlehttp-guzzle",
	"/usr/lib/php/*/mbstring.so":              "php-mbstring",
	"/usr/lib/php/*/curl.so":                  "php-curl",
}

// needLanguages installs what is missing of them before the whole suite, where that is allowed. Elsewhere the tests
// fail with a sentence that says what to install.
func needLanguages(ctx context.Context, whole bool, log io.Writer) error {
	var missing []string
	for program, name := range languages {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, name)
		}
	}
	for file, name := range parts {
		if found, err := filepath.Glob(file); err != nil || len(found) == 0 {
			missing = append(missing, name)
		}
	}
	if !whole || len(missing) == 0 || !debian.CanInstall() {
		return nil
	}
	slices.Sort(missing)
	if err := debian.Install(ctx, log, missing...); err != nil {
		return fmt.Errorf("the guides' samples and the clients need their languages: %w", err)
	}
	return nil
}
