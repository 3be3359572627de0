package wholefile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/thebigclass/api/tools/internal/wholefile"
)

// A file that cannot be replaced stays as it was, and nothing stays beside it.
func TestWrite_ReplacesAllOrNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "f")
	for _, text := range []string{"first", "second"} {
		if err := wholefile.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("it has %q, want %q: %v", got, text, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if err := os.MkdirAll(filepath.Join(folder, "taken", "by"), 0o700); err != nil {
		t.Fatal(err)
	}
	if wholefile.Write(filepath.Join(folder, "taken"), nil) == nil {
		t.Error("a folder was replaced")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 2 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// Whoever reads while a file is replaced gets one of its contents, whole.
func TestWrite_NobodySeesHalfOfIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	contents := [][]byte{bytes.Repeat([]byte("long"), 1<<18), []byte("short")}
	if err := wholefile.Write(path, contents[0]); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		var err error
		for i := range 50 {
			err = errors.Join(err, wholefile.Write(path, contents[i%2]))
		}
		written <- err
	}()
	for {
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1]) {
			t.Fatalf("%d bytes are read, %v", len(got), err)
		}
		select {
		case err := <-written:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}
