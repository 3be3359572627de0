package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// wordMembers are members that only people read. Any other that is modified is more than words.
var wordMembers = []string{
	"description", "summary", "title", "example", "examples", "externalDocs", "tags", "x-enumDescriptions", "x-signed-example",
}

// wordTypes are the parts of a contract that hold nothing but words.
var wordTypes = []string{"Info", "Contact", "License", "Tag", "ExternalDocs", "Example", "ExamplesMap"}

// meaningExtensions are ours. Neither tool knows that they change what a call means.
var meaningExtensions = []string{"x-null-clears", "x-not-subscribable"}

// redoclyChange is an entry of `redocly diff --format=json`. A shared schema is reported once.
type redoclyChange struct {
	TypeName, Kind, Impact, Property string
	Verdicts                         []struct{ RuleID, Impact, Message string }
	Base, Revision                   *struct {
		Pointer string
		Value   any
	}
}

// tools are the two judges, each a program of the repository at root.
type tools struct{ root, oasdiff, redocly string }

// find looks for both, unless it has: only when there is something to judge, since oasdiff may have to be built first.
func (t *tools) find(ctx context.Context) (err error) {
	if t.redocly == "" {
		t.redocly, err = findRedocly(t.root)
	}
	if err == nil && t.oasdiff == "" {
		t.oasdiff, err = findOasdiff(ctx, t.root)
	}
	return err
}

// findRedocly looks where npm puts it.
func findRedocly(root string) (string, error) {
	path, err := filepath.Abs(filepath.Join(root, "openapi", "node_modules", ".bin", "redocly"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("redocly is not installed: run npm ci --prefix openapi (Node.js 20.19 or later)")
	} else if err != nil {
		return "", err
	}
	return path, nil
}

// compareWithRedocly compares two contracts with redocly diff, which judges webhooks rightly.
func (t tools) compareWithRedocly(ctx context.Context, released, current string) ([]change, error) {
	cmd := exec.CommandContext(ctx, t.redocly, "diff", "--fail-on=none", "--format=json", released, current)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	out, err := cmd.Output()
	if err != nil {
		return nil, toolError("compare with redocly diff", err)
	}
	var report struct{ Changes []redoclyChange }
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, fmt.Errorf("read what redocly diff says: %w", err)
	}
	var changes []change
	for _, r := range report.Changes {
		if r.pointer() == "#/info/version" {
			continue
		}
		changes = append(changes, r.judge())
	}
	return changes, nil
}

// judge rates one change. Redocly calls a patch whatever breaks nobody; our patch version is for words alone.
func (r *redoclyChange) judge() change {
	c := change{impact: words, rule: "redocly " + r.Kind, place: placeOf(r.pointer()), text: r.Kind + " " + r.Property, redocly: r}
	for _, v := range r.Verdicts {
		if v.Impact == "major" && !r.mayHappen(v.RuleID) {
			c.impact, c.rule, c.text = breaking, "redocly "+v.RuleID, v.Message
		}
	}
	if c.impact == breaking {
		return c
	}
	switch {
	case slices.Contains(meaningExtensions, r.Property):
		c.impact, c.rule, c.text = breaking, "extension-changed", r.Property+" was changed, which gives the same call another meaning"
	case r.Impact != "patch", r.Kind == "modified" && !slices.Contains(wordMembers, r.Property) && !slices.Contains(wordTypes, r.TypeName):
		c.impact = addition
	}
	return c
}

// mayHappen is what our promise allows and Redocly calls major: enums of answers may gain values, error codes apart,
// and a new kind of event is one more alternative of Event.
func (r *redoclyChange) mayHappen(rule string) bool {
	const schemas = "#/components/schemas/"
	switch rule {
	case "enum-values-added":
		return !strings.HasPrefix(r.pointer(), schemas+"ErrorCode/")
	case "schema-combinator-changed":
		return r.Kind == "added" && strings.HasPrefix(r.pointer(), schemas+"Event/oneOf/")
	}
	return false
}

// pointer leads to where it is written: in the present contract, or in the released one if it is gone.
func (r *redoclyChange) pointer() string {
	switch {
	case r.Kind == "removed" && r.Base != nil:
		return r.Base.Pointer
	case r.Revision != nil && (r.Property == "" || strings.HasSuffix(r.Revision.Pointer, "/"+r.Property)):
		return r.Revision.Pointer
	case r.Base != nil:
		return r.Base.Pointer
	case r.Revision != nil:
		return r.Revision.Pointer
	}
	return ""
}
