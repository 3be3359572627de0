package wholefile_test

import (
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
