// Package processtest runs built programs of this module for tests: real server
// processes with their own databases, signals and logs.
package processtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// module is what all programs are built from.
const module = "github.com/thebigclass/api/"

// folder holds what Main has built.
var folder string

// Main builds tbc, and other programs of the module by their folder, as a user would, runs the tests and removes what
// it built. A package's TestMain passes its result to os.Exit.
func Main(m *testing.M, others ...string) (code int) {
	var err error
	if folder, err = os.MkdirTemp("", "tbc-processtest-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for _, program := range append([]string{"server/cmd/tbc"}, others...) {
		out, err := exec.Command("go", "build", "-o", Program(filepath.Base(program)), module+program).CombinedOutput()
		if err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", program, err, out)
			return 1
		}
	}
	return m.Run()
}

// Program is where Main has put the program of that name.
func Program(name string) string {
	return filepath.Join(folder, name)
}
