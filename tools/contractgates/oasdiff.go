package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// noticeDays is what has to lie between a deprecation and its sunset.
const noticeDays = 180

// oasdiffModule keeps oasdiff and all that it needs out of the product's modules.
const oasdiffModule = "tools/gates/go.mod"

// answersMayGrow are findings of oasdiff that our promise allows: clients ignore a value, or a kind of event, that they
// do not know. Redocly reports the same by the schema's name, so that the closed set of error codes is judged there.
var answersMayGrow = []string{
	"response-property-enum-value-added", "response-mediatype-enum-value-added",
	"response-property-one-of-added", "response-body-one-of-added",
}

// oasdiffFinding is an entry of `oasdiff changelog -f json`.
type oasdiffFinding struct {
	ID, Text, Operation, Path string
	Level                     int // 1 is worth telling, 2 may break clients, 3 does
}

// findOasdiff has the go command build the pinned oasdiff, if it has not yet, and says where it is. Without cgo, as
// everything here, so that the tests with the race detector share the build.
func findOasdiff(ctx context.Context, root string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "tool", "-n", "-modfile="+oasdiffModule, "oasdiff")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return "", toolError("build oasdiff from "+oasdiffModule, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// compareWithOasdiff compares two contracts with oasdiff.
func (t tools) compareWithOasdiff(ctx context.Context, released, current string) ([]change, error) {
	released, err := filepath.Abs(released)
	if err != nil {
		return nil, err
	}
	if current, err = filepath.Abs(current); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, t.oasdiff, "changelog", "--format", "json",
		"--deprecation-days-stable", fmt.Sprint(noticeDays), released, current)
	out, err := cmd.Output()
	if err != nil {
		return nil, toolError("compare with oasdiff", err)
	}
	var findings []oasdiffFinding
	if err := json.Unmarshal(out, &findings); err != nil {
		return nil, fmt.Errorf("read what oasdiff says: %w", err)
	}
	return judgeOasdiff(findings), nil
}

// judgeOasdiff rates the findings. A shared schema is found once for each operation that uses it, and told once.
func judgeOasdiff(findings []oasdiffFinding) []change {
	var changes []change
	known := map[string]int{}
	for _, f := range findings {
		if !f.counts() {
			continue
		}
		key := f.ID + " " + f.subject()
		if i, ok := known[key]; ok {
			changes[i].seen++
			changes[i].impact = max(changes[i].impact, f.impact())
			continue
		}
		known[key] = len(changes)
		changes = append(changes, change{
			impact: f.impact(), rule: "oasdiff " + f.ID, place: strings.TrimSpace(f.Operation + " " + f.Path), text: f.Text, seen: 1,
		})
	}
	for i, c := range changes {
		if c.seen > 1 {
			changes[i].text += fmt.Sprintf(" (and in %d more places)", c.seen-1)
		}
	}
	return changes
}

// counts leaves out what others judge: oasdiff takes a webhook's payload for a request and so judges it the wrong way
// round, and it sees a sunset in paths alone, which judgeNotice sees everywhere.
func (f oasdiffFinding) counts() bool {
	switch {
	case strings.HasPrefix(f.Path, "webhook:"), strings.HasPrefix(f.ID, "webhook-"):
		return false
	case strings.Contains(f.ID, "sunset-date-too-small"), strings.Contains(f.ID, "sunset-date-changed-too-small"):
		return false
	}
	return f.ID != "api-version-not-bumped" && !slices.Contains(answersMayGrow, f.ID)
}

// impact takes a warning, which may break clients, for what it may be. What is only worth telling is new to somebody.
func (f oasdiffFinding) impact() impact {
	switch {
	case f.Level > 1:
		return breaking
	case strings.HasPrefix(f.ID, "api-tag-"): // a heading of the reference
		return words
	}
	return addition
}

// subject is the last name in the first quotation of the text: slug of `data/items/slug`.
func (f oasdiffFinding) subject() string {
	quoted := strings.Split(f.Text, "`")
	if len(quoted) < 2 {
		return f.Operation + " " + f.Path
	}
	return quoted[1][strings.LastIndex(quoted[1], "/")+1:]
}

// toolError adds what a program wrote to its standard error, which is where it says what is wrong.
func toolError(doing string, err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%s: %w: %s", doing, err, bytes.TrimSpace(exit.Stderr))
	}
	return fmt.Errorf("%s: %w", doing, err)
}
