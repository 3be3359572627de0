package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Packages are installed when those that are there are not of the lock, and left alone when they are.
func TestInstallNPM_OnlyWhenTheLockHasChanged(t *testing.T) {
	folder, programs := t.TempDir(), t.TempDir()
	t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
	write := func(path, content string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(programs, "npm"), "#!/bin/sh\nmkdir -p \"$3/node_modules\" && echo ran >> \"$3/runs\"\n", 0o755)
	runs := func(want int) {
		t.Helper()
		if err := installNPM(t.Context(), folder, io.Discard); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(folder, "runs")); err != nil || strings.Count(string(got), "ran") != want {
			t.Errorf("npm ran %q, %v, want %d times", got, err, want)
		}
	}
	write(filepath.Join(folder, "package-lock.json"), "1", 0o600)
	runs(1)
	runs(1)
	write(filepath.Join(folder, "package-lock.json"), "2", 0o600)
	runs(2)
}

// Without npm the run fails with what to install.
func TestInstallNPM_MissingIsASentence(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "package-lock.json"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	if err := installNPM(t.Context(), folder, io.Discard); err == nil || !strings.Contains(err.Error(), "install Node.js") {
		t.Errorf("error %v", err)
	}
}

// Only runs that hold the tests in a browser need one.
func TestNeedBrowser_OnlyForItsTests(t *testing.T) {
	t.Setenv("TBC_TEST_CHROMIUM", "/no/such/browser")
	for args, needed := range map[string]bool{"./...": true, "./server/...": true, "./server/browsertest": true, "server/browsertest/": true,
		"./server": false, "./store -run Browser": false, "./store/...": false} {
		if err := needBrowser(t.Context(), strings.Fields(args), io.Discard); (err != nil) != needed {
			t.Errorf("%s: error %v", args, err)
		}
	}
}
