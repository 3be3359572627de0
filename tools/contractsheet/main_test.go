package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const bundle = "../../openapi/tbc-v1.yaml"

func TestRun_PublishedContractIsAllGood(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if status := run([]string{bundle}, &out, &errs); status != 0 {
		t.Fatalf("status %d: %s\n%s", status, errs.String(), out.String())
	}
}

// Below 100 % the status must stop a build.
func TestRun_BadContractIsStatusOne(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	text := strings.Replace(string(raw), "summary: List students", "summary: list students", 1)
	if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if status := run([]string{bad}, &out, &errs); status != 1 {
		t.Errorf("status %d", status)
	}
	if !strings.Contains(out.String(), "! GET /students (list students)") {
		t.Errorf("offender not named in\n%s", out.String())
	}
}

func TestRun_UsageAndUnreadableFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"--help"}, 0, "Usage: contractsheet FILE"},
		{nil, 2, "Usage: contractsheet FILE"},
		{[]string{"--loud"}, 2, "Usage: contractsheet FILE"},
		{[]string{"a", "b"}, 2, "Usage: contractsheet FILE"},
		{[]string{"testdata/none.yaml"}, 1, "no such file"},
	} {
		var out, errs bytes.Buffer
		if status := run(c.args, &out, &errs); status != c.status || !strings.Contains(out.String()+errs.String(), c.says) {
			t.Errorf("%q: status %d, %q", c.args, status, errs.String())
		}
	}
}

// Whoever meets an x- in the contract finds it explained.
func TestExtensions_AllExplained(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../openapi/EXTENSIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range known {
		if !strings.Contains(string(raw), "`"+name+"`") {
			t.Errorf("EXTENSIONS.md does not explain %s", name)
		}
	}
}
