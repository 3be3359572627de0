package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/contractgen/samples"
)

// The reference shows every operation in Python, with httpx: a reader can paste all of it in the page's order.
func TestSamples_EveryPythonSampleTypeChecksAndRuns(t *testing.T) {
	s := openScripts(t)
	client, err := os.ReadFile("gen/client/client.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	all, err := samples.New(openapi.Bundle, client)
	if err != nil {
		t.Fatal(err)
	}
	text, err := all.Program(samples.Python)
	if err != nil {
		t.Fatal(err)
	}
	folder, python := t.TempDir(), languages[2]
	check := func(text string) error {
		text = strings.ReplaceAll(text, samples.Origin, s.url)
		if err := os.WriteFile(filepath.Join(folder, "samples.py"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.kit.shell(t.Context(), python, folder, "mypy --strict samples.py && python samples.py", s.env...)
		return err
	}
	if err := check(text); err != nil {
		t.Errorf("the samples do not run: %v", err)
	}
	for old, by := range map[string]string{
		`tbc.get("/me")`:      `tbc.got("/me")`,       // no such method: found by its type
		`tbc.get("/courses"`:  `tbc.get("/corses"`,    // no such address: found when it runs
		`"email": "ishaan.ve`: `"e-mail": "ishaan.ve`, // no such member
	} {
		spoilt := strings.Replace(text, old, by, 1)
		if err := check(spoilt); spoilt == text || err == nil {
			t.Errorf("a sample with %s passes", by)
		}
	}
}
