package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what contractgen makes now to testdata/golden")

// outputsOf generates code and the 3.0 copy of a contract, by file name below testdata/golden.
func outputsOf(t *testing.T, file string) map[string][]byte {
	t.Helper()
	c, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("testdata/golden", strings.TrimSuffix(filepath.Base(file), ".yaml"))
	outputs := map[string][]byte{}
	if err := generateCode(c, dir, outputs); err != nil {
		t.Fatal(err)
	}
	if outputs[filepath.Join(dir, "oas30.yaml")], err = oas30Copy(c); err != nil {
		t.Fatal(err)
	}
	return outputs
}

// The golden files are packages that the tests import, so they compile against oapi-codegen's types.
func TestGolden_SmallContracts(t *testing.T) {
	contracts, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(contracts) < 2 {
		t.Fatalf("contracts %v: %v", contracts, err)
	}
	for _, file := range contracts {
		outputs := outputsOf(t, file)
		if *update {
			updateGolden(t, file, outputs)
		}
		for name, got := range outputs {
			want, err := os.ReadFile(name)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is not what contractgen makes of %s: look at the difference that go test -update makes (%v)", name, file, err)
			}
		}
	}
}

// updateGolden writes the golden files of a contract and the types of oapi-codegen beside them.
func updateGolden(t *testing.T, file string, outputs map[string][]byte) {
	t.Helper()
	if err := writeFiles(outputs); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("testdata/golden", strings.TrimSuffix(filepath.Base(file), ".yaml"))
	config, err := os.ReadFile("types.oapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "types.oapi.yaml")
	moved := bytes.Replace(config, []byte("output: gen/types.gen.go"), []byte("output: tools/contractgen/"+dir+"/types.gen.go"), 1)
	if err := os.WriteFile(own, moved, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", "tool", "oapi-codegen", "-config", own, "tools/contractgen/"+file)
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// Generating twice must give the same bytes, or make verify could never tell what changed.
func TestGolden_TwiceTheSameBytes(t *testing.T) {
	t.Parallel()
	first, second := outputsOf(t, "testdata/school.yaml"), outputsOf(t, "testdata/school.yaml")
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

// An error must leave the files of before, so that a broken contract never leaves half a package.
func TestRun_WritesNothingOnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := writeContract(t, "minimum: 0, maximum: 10}", "minimum: 0}")
	var stderr bytes.Buffer
	if code := run([]string{"-contract", file, "-gen", dir, "-oas30", filepath.Join(dir, "copy.yaml")}, &stderr); code != 1 {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("wrote %v", entries)
	}
}

func TestRun_UsageAndHelp(t *testing.T) {
	t.Parallel()
	for want, args := range map[int][]string{0: {"--help"}, 2: {}} {
		var stderr bytes.Buffer
		if code := run(args, &stderr); code != want || !strings.Contains(stderr.String(), "contractgen -contract") {
			t.Errorf("%v: exit code %d: %s", args, code, &stderr)
		}
	}
}
