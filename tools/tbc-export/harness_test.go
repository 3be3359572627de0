package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/internal/cli"
)

// cli runs the program against the service and returns its status and what it wrote.
func (m *misbehaving) cli(key string, args ...string) (code int, out, errs string) {
	m.Helper()
	var stdout, stderr bytes.Buffer
	code = run(m.Context(), args, console{
		out: &stdout, errs: &stderr, clock: m.clock(),
		getenv: func(name string) string { return map[string]string{cli.KeyVariable: key, cli.URLVariable: m.url}[name] },
	})
	return code, stdout.String(), stderr.String()
}

// export runs the program's core, on a disk that may fail.
func (m *misbehaving) export(folder, format string, before func(operation, name string) error) (manifest, error) {
	m.Helper()
	s, err := newService(m.url, testKey, nil, m.clock())
	if err != nil {
		m.Fatal(err)
	}
	s.quota = quota{leaveMinute: 5, leaveDay: 50}
	return (&export{
		disk: &disk{folder: folder, before: before}, service: s, request: request{URL: m.url, Format: format},
		progress: newProgress(console{clock: m.clock()}, true, &s.quota),
	}).run(m.Context())
}

// contents are the files of an export that is complete and tidied up.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := wantWhole(t, folder)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != len(files)+2 {
		t.Errorf("beside %d files, the manifest and the lock there is more: %v %v", len(files), entries, err)
	}
	return files
}

// wantWhole fails if a file is not what the manifest says.
func wantWhole(t *testing.T, folder string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil || !m.Complete {
		t.Fatalf("complete %t: %v", m.Complete, err)
	}
	files := map[string]string{}
	for _, f := range m.Files {
		body, err := os.ReadFile(filepath.Join(folder, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		_, sum, err := (&disk{folder: folder}).sum(f.Name)
		if err != nil || sum != f.SHA256 || int64(len(body)) != f.Bytes {
			t.Errorf("%s is not what the manifest says: %v", f.Name, err)
		}
		if strings.HasSuffix(f.Name, ".jsonl") && bytes.Count(body, []byte{'\n'}) != f.Rows {
			t.Errorf("%s has not %d rows", f.Name, f.Rows)
		}
		files[f.Name] = string(body)
	}
	return files
}

// wantUnfinished fails if anything in the folder could be taken for complete.
func wantUnfinished(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, manifestName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a manifest: %v", err)
	}
}

// objects reads JSON lines by id; an id that is there twice fails the test.
func objects(t *testing.T, text string) map[string]object {
	t.Helper()
	found := map[string]object{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		var o object
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			t.Fatal(err)
		}
		if _, twice := found[o.ID]; twice {
			t.Errorf("%s is there twice", o.ID)
		}
		found[o.ID] = o
	}
	return found
}
