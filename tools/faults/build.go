package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	// leaseFile and leaseLine are where the product says how long a lease lasts.
	leaseFile = "store/queue.go"
	leaseLine = "const Lease = 60 * time.Second"
	// productLease is the lease of the product as it is shipped.
	productLease = 60 * time.Second
)

// buildServer makes tbc from a source tree into folder and returns its path. A lease other than the product's is
// put in place for this build alone (go build -overlay): the product has no setting for it, and its source stays.
func buildServer(ctx context.Context, source, folder string, lease time.Duration) (string, error) {
	binary := filepath.Join(folder, "tbc")
	args := []string{"build", "-o", binary}
	if lease != productLease {
		overlay, err := overlayLease(source, folder, lease)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay", overlay)
	}
	build := exec.CommandContext(ctx, "go", append(args, "./server/cmd/tbc")...)
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build in %s: %w: %s", source, err, out)
	}
	return binary, nil
}

// overlayLease writes the changed file and the list that names it to the go command.
func overlayLease(source, folder string, lease time.Duration) (string, error) {
	original, err := filepath.Abs(filepath.Join(source, leaseFile))
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	if bytes.Count(text, []byte(leaseLine)) != 1 {
		return "", fmt.Errorf("%s does not have the line %q: tell tools/faults/build.go where the lease is now", leaseFile, leaseLine)
	}
	changed := filepath.Join(folder, "lease.go")
	short := fmt.Sprintf("const Lease = %d * time.Millisecond", lease.Milliseconds())
	if err := os.WriteFile(changed, bytes.Replace(text, []byte(leaseLine), []byte(short), 1), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, list, 0o600)
}
