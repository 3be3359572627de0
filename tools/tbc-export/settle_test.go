package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// damages are what disks, and people, do to a file that lies about until the next run.
var damages = map[string]func(text []byte) []byte{
	"a value":      func(text []byte) []byte { return bytes.Replace(text, []byte(`"value":7,`), []byte(`"value":8,`), 1) },
	"no JSON":      func(text []byte) []byte { return bytes.Replace(text, []byte(`"value":7,`), []byte(`"value" 7,`), 1) },
	"zeros":        func(text []byte) []byte { return append(make([]byte, 100), text[100:]...) },
	"a row less":   func(text []byte) []byte { return text[bytes.IndexByte(text, '\n')+1:] },
	"the end less": func(text []byte) []byte { return text[:len(text)/2] },
	"all":          func([]byte) []byte { return nil },
}

// What was collected lies on the disk between two runs. Damaged there, in the middle of the walk or after it, it never
// becomes a complete export, with checksums that vouch for it.
func TestExport_NeverPassesDamagedRowsOn(t *testing.T) {
	t.Parallel()
	for _, format := range []string{jsonlFormat, csvFormat, sqliteFormat} {
		for name, damage := range damages {
			t.Run(format+", "+name, func(t *testing.T) {
				t.Parallel()
				wantRefused(t, format, "write "+spoolName(studentsName), damage)
				wantRefused(t, format, "."+format, damage)
			})
		}
	}
}

// wantRefused damages what a run has collected that died at the last of its three pages, or when it began to write files.
func wantRefused(t *testing.T, format, dies string, damage func([]byte) []byte) {
	t.Helper()
	m, folder, seen := misbehave(t), t.TempDir(), 0
	m.scopes = []string{"read:students"}
	m.fill(studentsName, 250)
	_, err := m.export(folder, format, func(operation, name string) error {
		if strings.Contains(operation+" "+name, dies) {
			seen++
		}
		if seen == 3 || seen > 0 && dies[0] == '.' {
			return errDead
		}
		return nil
	})
	if err == nil {
		t.Fatal("the first run was not cut off")
	}
	spool := filepath.Join(folder, spoolName(studentsName))
	text, err := os.ReadFile(spool)
	if err != nil {
		t.Fatal(err)
	}
	damaged := damage(bytes.Clone(text))
	if bytes.Equal(damaged, text) {
		t.Fatal("nothing was damaged")
	}
	if err := os.WriteFile(spool, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = m.export(folder, format, nil)
	if err == nil || format == jsonlFormat && !strings.Contains(err.Error(), "export into an empty folder") {
		t.Errorf("after %s the second run ended with %v", dies, err)
	}
	wantUnfinished(t, folder)
}
