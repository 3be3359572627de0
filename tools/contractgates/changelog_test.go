package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newMotto is an addition that every test here tells of.
func newMotto(t *testing.T, contract tree) {
	schema(t, contract, "Course")["properties"].(tree)["motto"] = motto()
	moveTo(t, contract, addition)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A changelog that does not tell the difference is refused. Written anew it is accepted, and it is its own fixed point.
func TestChangelog_StaleIsRefused(t *testing.T) {
	t.Parallel()
	g := stage(t, nil, newMotto)
	c, refusals, err := g.check(t.Context())
	if err != nil || !slices.Equal(rules(refusals), []string{"changelog-stale"}) {
		t.Fatalf("refused by %v, %v", refusals, err)
	}
	for range 2 {
		text, err := g.composeChangelog(c)
		if err != nil {
			t.Fatal(err)
		}
		write(t, g.changelog, string(text))
	}
	if stale, err := g.judgeChangelog(c); err != nil || len(stale) > 0 {
		t.Errorf("what the generator wrote is refused: %v, %v", stale, err)
	}
	want := "# Changelog\n\n## The promise\n\nStable.\n\n## " + c.to.String() + unreleased + "\n\n" +
		"- `Course` gains `motto`: A line of the teacher's own.\n\n## " + c.from.String() + "\n\n- Past.\n"
	if got := read(t, g.changelog); got != want {
		t.Errorf("the changelog is\n%s\nwant\n%s", got, want)
	}
}

// Words of a person stand above the generated entries, and are not lost with the next run.
func TestChangelog_HasTheNotes(t *testing.T) {
	c := &comparison{from: version{1, 2, 1}, to: version{1, 2, 2}, need: words}
	g := gates{changelog: filepath.Join(t.TempDir(), "CHANGELOG.md"), notes: filepath.Join(t.TempDir(), "next.md")}
	write(t, g.changelog, "## The promise\n\n## 1.2.1\n")
	write(t, g.notes, "\nRead this first.\n")
	text, err := g.composeChangelog(c)
	want := "## The promise\n\n## 1.2.2 (not released yet)\n\nRead this first.\n\n- Order, and words in our own extensions, alone.\n\n## 1.2.1\n"
	if err != nil || string(text) != want {
		t.Errorf("the changelog is %v\n%s\nwant\n%s", err, text, want)
	}
}

// What people wrote is never overwritten: a section above the released one that was not generated stops the generator.
func TestChangelog_KeepsWhatPeopleWrote(t *testing.T) {
	for _, text := range []string{"## The promise\n\n## 1.3.0\n\n- By hand.\n\n## 1.2.1\n", "## The promise\n\n## 1.1.0\n"} {
		if promise, past, err := splitChangelog(text, version{1, 2, 1}); err == nil {
			t.Errorf("%q was split into %q and %q", text, promise, past)
		}
	}
}

// Nothing has changed is an answer: there is no section, and one that is left over goes.
func TestChangelog_SaysNothingOfNothing(t *testing.T) {
	g := gates{changelog: filepath.Join(t.TempDir(), "CHANGELOG.md")}
	write(t, g.changelog, "## The promise\n\n## 1.3.0 (not released yet)\n\n- Gone again.\n\n## 1.2.1\n")
	text, err := g.composeChangelog(&comparison{from: version{1, 2, 1}, to: version{1, 2, 1}})
	if want := "## The promise\n\n## 1.2.1\n"; err != nil || string(text) != want {
		t.Errorf("the changelog is %v %q, want %q", err, text, want)
	}
}

// A release makes the present contract the released one, after which nothing has changed; what is refused stays out.
func TestRelease_TurnsThePage(t *testing.T) {
	t.Parallel()
	g := stage(t, nil, newMotto)
	write(t, g.notes, "A motto for every course.")
	before := read(t, g.released)
	if refusals, err := g.release(t.Context(), true); err != nil || len(refusals) != 1 || read(t, g.released) != before {
		t.Fatalf("a stale changelog was released: %v, %v", refusals, err)
	}
	if refusals, err := g.writeChangelog(t.Context()); err != nil || len(refusals) > 0 {
		t.Fatal(refusals, err)
	}
	if refusals, err := g.release(t.Context(), false); err != nil || len(refusals) > 0 {
		t.Fatalf("refused: %v, %v", refusals, err)
	}
	if read(t, g.released) != read(t, g.current) || strings.Contains(read(t, g.changelog), unreleased) {
		t.Errorf("the released copy or the changelog is not of this release:\n%s", read(t, g.changelog))
	}
	if !strings.Contains(read(t, g.changelog), "A motto for every course.") {
		t.Error("the notes were lost")
	}
	c, refusals, err := g.check(t.Context())
	if err != nil || len(refusals) > 0 || c.need != nothing {
		t.Errorf("after the release %s, refused: %v, %v", c.need, refusals, err)
	}
	if refusals, err := g.release(t.Context(), false); err != nil || !slices.Equal(rules(refusals), []string{"nothing-to-release"}) {
		t.Errorf("released twice: %v, %v", refusals, err)
	}
}

// The first copy of all has to be asked for: a lost one must not come back as whatever the contract is now.
func TestRelease_FirstHasToBeAskedFor(t *testing.T) {
	t.Parallel()
	g := stage(t, nil, newMotto)
	if err := os.Remove(g.released); err != nil {
		t.Fatal(err)
	}
	if refusals, err := g.release(t.Context(), false); err != nil || !slices.Equal(rules(refusals), []string{"released-copy-missing"}) {
		t.Errorf("refused by %v, %v", refusals, err)
	}
	if refusals, err := g.release(t.Context(), true); err != nil || len(refusals) > 0 || read(t, g.released) != read(t, g.current) {
		t.Errorf("the first release was not made: %v, %v", refusals, err)
	}
}

// The exit status tells refused (1) from could not judge (2), so that a script need not read.
func TestRun_ExitStatus(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, folder := range []string{"openapi/released", "openapi/node_modules/.bin", "tools"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	status := func(want int, say string, args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if got := run(t.Context(), append([]string{"-root", root}, args...), &out, &errs); got != want {
			t.Errorf("%v ended with %d, want %d: %s%s", args, got, want, &out, &errs)
		}
		if !strings.Contains(out.String()+errs.String(), say) {
			t.Errorf("%v does not say %q: %s%s", args, say, &out, &errs)
		}
	}
	status(2, "Usage: contractgates")
	status(2, "is none of check, changelog and release", "chek")
	status(1, "released-copy-missing at ", "check")
	status(1, "released-copy-missing at ", "changelog")
	write(t, filepath.Join(root, "openapi/released/tbc-v1.yaml"), "info: {version: 1.2.1}\n")
	write(t, filepath.Join(root, "openapi/tbc-v1.yaml"), "info: {version: 1.2.1}\n")
	write(t, filepath.Join(root, "openapi/CHANGELOG.md"), "## 1.2.1\n")
	status(0, "the contract is accepted: 1.2.1 after the released 1.2.1, since nothing has changed", "check")
	write(t, filepath.Join(root, "openapi/tbc-v1.yaml"), "info: {version: 1.2.2}\nx-words: other\n")
	status(2, "run npm ci --prefix openapi", "check")
	write(t, filepath.Join(root, "openapi/node_modules/.bin/redocly"), "")
	status(2, "build oasdiff from tools/gates/go.mod", "check")
	write(t, filepath.Join(root, "openapi/tbc-v1.yaml"), "info: {version: two}\n")
	status(2, "is not three numbers", "check")
}
