package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// gates hold a contract against the one that was released last.
type gates struct {
	tools
	released, current string // the two contracts
	changelog, notes  string // what is written about the difference; the notes may be missing
	now               time.Time
}

// comparison is the difference as both tools see it, and what the version has to be for it.
type comparison struct {
	released, current *document
	from, to          version
	changes           []change
	need              impact
}

// compare reads both contracts and asks both tools.
func (g gates) compare(ctx context.Context) (*comparison, error) {
	released, err := readDocument(g.released)
	if err != nil {
		return nil, err
	}
	current, err := readDocument(g.current)
	if err != nil {
		return nil, err
	}
	return g.compareRead(ctx, released, current)
}

// compareRead asks the tools about the files that were read, unless they are alike.
func (g gates) compareRead(ctx context.Context, released, current *document) (*comparison, error) {
	c := &comparison{released: released, current: current}
	var err error
	if c.from, err = c.released.version(); err != nil {
		return nil, err
	}
	if c.to, err = c.current.version(); err != nil {
		return nil, err
	}
	if c.current.sameButVersion(c.released) {
		return c, nil
	}
	if err := g.find(ctx); err != nil {
		return nil, err
	}
	byRedocly, err := g.compareWithRedocly(ctx, g.released, g.current)
	if err != nil {
		return nil, err
	}
	byOasdiff, err := g.compareWithOasdiff(ctx, g.released, g.current)
	if err != nil {
		return nil, err
	}
	c.changes = append(append(byRedocly, byOasdiff...), compareExtensions(c.released, c.current)...)
	c.need = max(words, need(c.changes)) // not one byte differs without a new version
	return c, nil
}

// missing refuses to go on without the released contract.
func (g gates) missing() []refusal {
	if _, err := os.Stat(g.released); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return []refusal{{
		"released-copy-missing", g.released, "without the last released contract nothing tells what would break its users",
		"Bring it back with git; a contract that was never released gets its first copy from make release-contract FIRST=yes",
	}}
}

// check judges the contract. The refusals say what to do; an error means that it could not be judged.
func (g gates) check(ctx context.Context) (*comparison, []refusal, error) {
	if missing := g.missing(); missing != nil {
		return nil, missing, nil
	}
	c, err := g.compare(ctx)
	if err != nil {
		return nil, nil, err
	}
	refusals, err := g.judge(c)
	return c, refusals, err
}

// judge applies the four rules to a difference.
func (g gates) judge(c *comparison) ([]refusal, error) {
	refusals := refuseBreaking(c.changes)
	refusals = append(refusals, judgeNotice(c.released, c.current, g.now)...)
	refusals = append(refusals, judgeVersion(c.from, c.to, c.need)...)
	stale, err := g.judgeChangelog(c)
	return append(refusals, stale...), err
}

// judgeChangelog refuses a changelog that is not what the generator writes.
func (g gates) judgeChangelog(c *comparison) ([]refusal, error) {
	written, err := os.ReadFile(g.changelog)
	if err != nil {
		return nil, fmt.Errorf("read the changelog: %w", err)
	}
	wanted, err := g.composeChangelog(c)
	if err != nil || bytes.Equal(written, wanted) {
		return nil, err
	}
	return []refusal{{
		"changelog-stale", g.changelog, "it does not tell the difference to " + c.from.String() + " as it is now",
		"Run make generate and commit it",
	}}, nil
}

// writeChangelog writes the section of what is not released yet.
func (g gates) writeChangelog(ctx context.Context) ([]refusal, error) {
	if missing := g.missing(); missing != nil {
		return missing, nil
	}
	c, err := g.compare(ctx)
	if err != nil {
		return nil, err
	}
	text, err := g.composeChangelog(c)
	if err != nil {
		return nil, err
	}
	return nil, os.WriteFile(g.changelog, text, 0o644)
}
