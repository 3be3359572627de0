package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guide is one of the Markdown files beside the reference.
type guide struct {
	name   string // without .md
	blocks []fenced
}

// fenced is a block between ``` and ```. Its info string is a language, and then nothing, "stays" for a command
// that a second terminal runs until Ctrl-C, or the name of the file that the block is.
type fenced struct {
	language, rest, text string
}

func (b fenced) isFile() bool { return strings.Contains(b.rest, ".") }

func (b fenced) stays() bool { return b.rest == "stays" }

// runs reports whether a reader pastes the block into the shell.
func (b fenced) runs() bool { return b.language == "sh" && b.rest == "" }

func readGuides(t *testing.T) map[string]guide {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), "server/docs/guides/*.md"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no guides: %v", err)
	}
	guides := map[string]guide{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".md")
		guides[name] = guide{name: name, blocks: fences(t, string(text))}
	}
	return guides
}

var opening = regexp.MustCompile("^( *)```([a-z]+) ?(\\S*)$")

// fences finds the blocks. One within a list is indented, and so is all of its text.
func fences(t *testing.T, text string) (blocks []fenced) {
	t.Helper()
	var inside *fenced
	var indent string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if inside == nil {
			if groups := opening.FindStringSubmatch(line); groups != nil {
				indent, inside = groups[1], &fenced{language: groups[2], rest: groups[3]}
			} else if strings.HasPrefix(strings.TrimSpace(line), "```") {
				t.Fatalf("a block without a language: %s", line)
			}
			continue
		}
		if line == indent+"```" {
			blocks, inside = append(blocks, *inside), nil
			continue
		}
		inside.text += strings.TrimPrefix(line, indent) + "\n"
	}
	if inside != nil {
		t.Fatalf("a block has no end: %.80s", inside.text)
	}
	return blocks
}

// script is what a reader pastes from the first line of the guide to the last.
func (g guide) script() string {
	var all strings.Builder
	for _, block := range g.blocks {
		if block.runs() {
			all.WriteString(block.text)
		}
	}
	return all.String()
}

// save writes the files that the reader is told to save, with other addresses in them.
func (g guide) save(t *testing.T, folder string, addresses *strings.Replacer) {
	t.Helper()
	for _, block := range g.blocks {
		if block.isFile() {
			write(t, filepath.Join(folder, block.rest), addresses.Replace(block.text))
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
