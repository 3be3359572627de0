package postgres

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// Whatever ends a server, committed rows are there after the next start, on the same port.
func TestEnd_LosesNothingThatWasCommitted(t *testing.T) {
	t.Parallel()
	cluster, err := Start(t.Context(), Options{Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	if _, err := cluster.Query(t.Context(), cluster.URL, "CREATE TABLE kept (way text)"); err != nil {
		t.Fatal(err)
	}
	for way, signal := range map[string]syscall.Signal{"fast": syscall.SIGINT, "immediate": syscall.SIGQUIT, "killed": syscall.SIGKILL} {
		if _, err := cluster.Query(t.Context(), cluster.URL, "INSERT INTO kept VALUES ('"+way+"')"); err != nil {
			t.Fatal(err)
		}
		if err := cluster.End(t.Context(), signal); err != nil {
			t.Fatalf("%s: %v", way, err)
		}
		dial(t, cluster, false)
		if err := cluster.Restart(t.Context()); err != nil {
			t.Fatalf("%s: %v", way, err)
		}
		rows, err := cluster.Query(t.Context(), cluster.URL, "SELECT string_agg(way, ',') FROM kept")
		if err != nil || !strings.Contains(rows, way) {
			t.Errorf("after it was ended %s: %q, %v", way, rows, err)
		}
	}
}
