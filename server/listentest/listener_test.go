package listentest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/thebigclass/api/server/processtest"
	"github.com/thebigclass/api/webhooks"
)

// school is a server with a key that may create students and follow events.
type school struct {
	processtest.Database
	workspace, url, key string
}

func openSchool(db processtest.Database) *school {
	db.Helper()
	s := &school{Database: db, workspace: db.Prepare()}
	s.key = db.Key(s.workspace, "--scope", "read:events,write:students")
	s.url = db.Serve().URL
	return s
}

// call makes a call that must succeed, and returns the answer.
func (s *school) call(method, path, body string) string {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "application/json")
	response, err := new(http.Client).Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode > 299 {
		s.Fatalf("%s %s answers %s: %s %v", method, path, response.Status, text, err)
	}
	return string(text)
}

// student creates one with this name.
func (s *school) student(name string) {
	s.Helper()
	body, err := json.Marshal(map[string]string{"displayName": name, "email": strings.ToLower(rand.Text()) + "@example.com"})
	if err != nil {
		s.Fatal(err)
	}
	s.call(http.MethodPost, "/students", string(body))
}

// listener is a running tbc-receiver listen.
type listener struct {
	*testing.T
	cmd    *exec.Cmd
	out    *bufio.Reader
	errs   bytes.Buffer
	secret string
}

// listen returns once it listens.
func (s *school) listen(args ...string) *listener {
	s.Helper()
	l := &listener{T: s.T, cmd: exec.CommandContext(context.Background(), processtest.Program("tbc-receiver"), append([]string{"listen"}, args...)...)}
	l.cmd.Env = append(os.Environ(), "TBC_KEY="+s.key, "TBC_URL="+s.url)
	l.cmd.Stderr = &l.errs
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = l.cmd.Process.Kill() })
	l.out = bufio.NewReader(out)
	l.secret = strings.TrimPrefix(l.line(), "The signing secret of this run is ")
	if line := l.line(); !strings.HasPrefix(line, "Listening to the events of "+s.url) {
		s.Fatalf("said %q", line)
	}
	return l
}

// line is the next one that it prints.
func (l *listener) line() string {
	l.Helper()
	line, err := l.out.ReadString('\n')
	if err != nil {
		l.Fatalf("%v after %q: %s", err, line, &l.errs)
	}
	return strings.TrimSuffix(line, "\n")
}

// stop is Ctrl-C.
func (l *listener) stop() {
	l.Helper()
	_ = l.cmd.Process.Signal(syscall.SIGINT)
	l.wantExit(0)
}

// wantExit waits for the end, and returns what was complained about.
func (l *listener) wantExit(code int) string {
	l.Helper()
	_ = l.cmd.Wait() // read from ProcessState
	if got := l.cmd.ProcessState.ExitCode(); got != code {
		l.Errorf("ended with %d, want %d: %s", got, code, &l.errs)
	}
	return l.errs.String()
}

// application takes events by the package that applications are to use.
type application struct {
	url    string
	taken  chan webhooks.Delivery
	secret chan string
}

// openApplication has an address before it has a secret, as when the address is given to a listener that makes one.
func openApplication(t *testing.T) *application {
	a := &application{taken: make(chan webhooks.Delivery, 10), secret: make(chan string, 1)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := <-a.secret
		a.secret <- secret
		config := webhooks.Config{Secrets: []string{secret}, Now: time.Now} //nolint:forbidigo // the listener is another process: the machine's clock is what they share
		handler, err := webhooks.NewHandler(config, func(_ context.Context, d webhooks.Delivery) error {
			a.taken <- d
			return nil
		})
		if err != nil {
			t.Error(err)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.url = server.URL + "/hook"
	return a
}

// knows gives the application the secret of a run.
func (a *application) knows(secret string) {
	select {
	case <-a.secret:
	default:
	}
	a.secret <- secret
}
