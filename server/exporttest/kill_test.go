package exporttest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/thebigclass/api/server/processtest"
)

// A process that is killed again and again writes, in the end, what one writes that is left in peace.
func TestExport_SurvivesKill9(t *testing.T) {
	t.Parallel()
	s := openSchool(processtest.SQLite(t), "--profile", "load", "--workspaces", "1", "--students", "1500", "--courses", "5", "--orders", "1500")
	whole := s.export()
	folder := filepath.Join(t.TempDir(), "killed")
	kills := 0
	for {
		cmd, complaints := s.command("--quiet", folder)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// A run that is killed at once does nothing, and one that may run ends: in between is where it hurts.
		killer := time.AfterFunc(time.Duration(20+kills*20+rand.IntN(100))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		if killer.Stop(); err == nil {
			break
		}
		if kills++; kills > 100 {
			t.Fatalf("still not done: %s", complaints)
		}
		if _, err := os.Stat(filepath.Join(folder, "manifest.json")); err == nil {
			break
		}
	}
	t.Logf("killed %d times", kills)
	for _, file := range s.manifest(whole).Files {
		want, err := os.ReadFile(filepath.Join(whole, file.Name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(folder, file.Name))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s has %d bytes, want these %d: %v", file.Name, len(got), len(want), err)
		}
	}
}
