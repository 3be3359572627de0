package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the repository, where a reader of the README types its commands.
func root(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// built makes what make run would, once for all tests: afterwards it finds the binary as it should be, and none is
// replaced while another test starts it.
var built sync.Once

func build(t *testing.T) {
	t.Helper()
	built.Do(func() {
		cmd := exec.CommandContext(t.Context(), "make", "build")
		cmd.Dir, cmd.Env = root(t), newcomer(os.Environ())
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("make build: %v: %s", err, output)
		}
	})
}

// shellBlocks are the texts between ```sh and ``` below the README's heading.
func shellBlocks(t *testing.T, heading string) []string {
	t.Helper()
	return shellBlocksOf(t, "README.md", heading)
}

// shellBlocksOf are those below a heading of another file.
func shellBlocksOf(t *testing.T, file, heading string) []string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root(t), file))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no section %s", file, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return blocksOf(t, "the section "+heading, section)
}

// blocksOf are the shell blocks of a text.
func blocksOf(t *testing.T, name, section string) (blocks []string) {
	t.Helper()
	for {
		_, after, more := strings.Cut(section, "\n```sh\n")
		if !more {
			return blocks
		}
		block, rest, closed := strings.Cut(after, "\n```")
		if !closed {
			t.Fatalf("a block of %s has no end", name)
		}
		blocks, section = append(blocks, block), rest
	}
}

// commands counts what a reader types: lines, without those that go on with the
// one before, which are indented.
func commands(block string) int {
	count := 0
	for line := range strings.Lines(block) {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, " ") {
			count++
		}
	}
	return count
}
