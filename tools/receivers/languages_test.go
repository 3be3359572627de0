package receivers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// language is a folder with receivers, prepared as its README says.
type language struct {
	name   string
	folder string // a copy, in which installing leaves no trace in the repository
	readme []block
}

// block is what stands between ``` and ``` in a README; use says what a reader does with it.
type block struct{ use, text string }

const (
	once  = "once"  // pasted before what follows
	stays = "stays" // starts a receiver
	send  = "send"  // pasted in a second terminal, at the root of the repository
	tests = "tests" // runs the language's own tests
)

// needs says how to get a program that is missing: a receiver that nobody runs is a promise that nobody keeps.
var needs = map[string]string{
	"node":    "Node.js 20.4 or newer (Debian and Ubuntu: sudo apt-get install nodejs npm)",
	"npm":     "npm (Debian and Ubuntu: sudo apt-get install npm)",
	"python3": "Python 3.9 or newer with venv (Debian and Ubuntu: sudo apt-get install python3 python3-venv)",
	"php":     "PHP 8.1 or newer (Debian and Ubuntu: sudo apt-get install php-cli)",
}

// prepare copies the folder and runs what its README says to run once.
func prepare(t *testing.T, name string, programs ...string) language {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not installed; the receiver's tests need %s", program, needs[program])
		}
	}
	l := language{name: name, folder: t.TempDir(), readme: blocks(t, name+"/README.md")}
	files, err := filepath.Glob(name + "/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", name, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			continue // what somebody who works in the folder has installed
		}
		write(t, filepath.Join(l.folder, filepath.Base(file)), read(t, file))
	}
	for _, text := range l.uses(once) {
		if output, err := l.shell(t, text).CombinedOutput(); err != nil {
			t.Fatalf("%s needs its packages, from the registry or from a cache of it: %v: %s", text, err, output)
		}
	}
	return l
}

func (l language) uses(use string) (texts []string) {
	for _, b := range l.readme {
		if b.use == use {
			texts = append(texts, b.text)
		}
	}
	return texts
}

// shell is a block of the README in the folder of the language.
func (l language) shell(t *testing.T, text string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", text)
	cmd.Dir, cmd.Env = l.folder, append(environment(), "TBC_VECTORS="+absolute(t, vectorsPath))
	return cmd
}

// runOwnTests runs the tests that are written in the language.
func (l language) runOwnTests(t *testing.T) {
	t.Helper()
	if len(l.uses(tests)) != 1 {
		t.Fatalf("%s/README.md says %d times how to run its tests", l.name, len(l.uses(tests)))
	}
	if output, err := l.shell(t, l.uses(tests)[0]).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
}

// settings are variables that would change what the README's commands do: ours, and what a make that runs this test
// tells a make in it.
var settings = regexp.MustCompile(`^(TBC_|MAKE|MFLAGS|NODE_ENV=|PORT=|VIRTUAL_ENV=|PYTHON)`)

// environment is this process's without settings.
func environment() (kept []string) {
	for _, variable := range os.Environ() {
		if !settings.MatchString(variable) {
			kept = append(kept, variable)
		}
	}
	return append(kept, "PYTHONDONTWRITEBYTECODE=1")
}

var fence = regexp.MustCompile("(?ms)^```[a-z]+ (\\S+)\n(.*?)^```$")

// blocks are those of a Markdown file that say what they are for.
func blocks(t *testing.T, path string) (found []block) {
	t.Helper()
	for _, groups := range fence.FindAllStringSubmatch(read(t, path), -1) {
		found = append(found, block{use: groups[1], text: groups[2]})
	}
	if len(found) == 0 {
		t.Fatalf("%s has no block", path)
	}
	return found
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
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
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
