package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// release makes the present contract the released one: its copy replaces the last, its section of the changelog becomes
// one of the past, and the notes, which are in it now, go. What the gates refuse is not released.
func (g gates) release(ctx context.Context, first bool) ([]refusal, error) {
	if first && g.missing() != nil {
		return nil, g.copyContract()
	}
	// A stale changelog is refused here too, so that what is settled below is what the generator wrote.
	c, refusals, err := g.check(ctx)
	if err != nil || len(refusals) > 0 {
		return refusals, err
	}
	if c.need == nothing {
		return []refusal{{"nothing-to-release", g.current, "it is " + c.from.String() + ", which is released", "Change something first"}}, nil
	}
	text, err := os.ReadFile(g.changelog)
	if err != nil {
		return nil, err
	}
	settled := strings.Replace(string(text), "## "+c.to.String()+unreleased+"\n", "## "+c.to.String()+"\n", 1)
	if err := os.WriteFile(g.changelog, []byte(settled), 0o644); err != nil {
		return nil, err
	}
	// All three files are in git, which brings them back should one of them not be written.
	if err := os.Remove(g.notes); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return nil, g.copyContract()
}

// copyContract writes beside the target and renames, so that there never is half a released contract.
func (g gates) copyContract() error {
	raw, err := os.ReadFile(g.current)
	if err != nil {
		return fmt.Errorf("read the contract: %w", err)
	}
	half := g.released + ".new"
	if err := os.WriteFile(half, raw, 0o644); err != nil {
		return err
	}
	return os.Rename(half, g.released)
}
