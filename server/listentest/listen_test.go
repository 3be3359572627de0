package listentest

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thebigclass/api/server/processtest"
)

// What happens in the school arrives at an application on this machine as a delivery does, byte for byte as it is kept,
// and a listener with a file misses nothing while it is away.
func TestListen_BringsEventsThatAnApplicationVerifies(t *testing.T) {
	t.Parallel()
	processtest.Each(t, func(db processtest.Database) {
		s, app := openSchool(db), openApplication(db.T)
		place := filepath.Join(s.TempDir(), "place.json")
		l := s.listen("--forward-to", app.url, "--state", place)
		app.knows(l.secret)
		s.student("Asha")
		s.wantTaken(l, app, "Asha")
		l.stop()
		s.student("<Zoë> & Co")
		again := s.listen("--forward-to", app.url, "--state", place)
		app.knows(again.secret)
		s.wantTaken(again, app, "<Zoë> & Co")
		again.stop()
		if l.secret == again.secret {
			s.Error("both runs sign with the same secret")
		}
	})
}

// wantTaken fails unless the next event, and no other, is that of this student.
func (s *school) wantTaken(l *listener, app *application, name string) {
	s.Helper()
	line := l.line()
	d := <-app.taken
	if d.Event.Type != "student.created" || !strings.Contains(string(d.Event.Data), `"displayName":"`+name+`"`) {
		s.Errorf("the application took %s", d.Body)
	}
	if !strings.Contains(line, "student.created       "+d.Event.ID+"  204 in ") || !strings.Contains(line, name) {
		s.Errorf("printed %q", line)
	}
	if kept := s.call(http.MethodGet, "/events/"+d.Event.ID, ""); !strings.Contains(kept, string(d.Body)) {
		s.Errorf("posted %s, while the feed has %s", d.Body, kept)
	}
	if d.Attempt != 1 || !strings.HasPrefix(d.ID, "evd_") || !strings.HasPrefix(d.Header.Get("User-Agent"), "TheBigClass-Webhooks/1 (+"+s.url) {
		s.Errorf("the headers are %v", d.Header)
	}
}

// A key that ends while a stream is open ends the listener with a sentence.
func TestListen_EndsWithItsKey(t *testing.T) {
	t.Parallel()
	s := openSchool(processtest.SQLite(t))
	l := s.listen("--forward-to", "http://127.0.0.1:1")
	var keys []struct{ ID string }
	if err := json.Unmarshal([]byte(s.TBC("key", "list", "--json", "--workspace", s.workspace)), &keys); err != nil || len(keys) != 1 {
		s.Fatalf("%d keys: %v", len(keys), err)
	}
	s.TBC("key", "revoke", "--workspace", s.workspace, keys[0].ID)
	if errs := l.wantExit(1); !strings.Contains(errs, "unknown, revoked or expired") {
		t.Errorf("said %s", errs)
	}
}
