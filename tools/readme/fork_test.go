package readme

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
)

// What each of the ten commands must have shown when it has ended. They run in this order, and none is left out.
var forked = []string{
	`^$`,
	`Your API description is valid`,
	`^$`,
	`"code":"invalid_request".*"/displayName"`,
	`tbc-v1.yaml → tbc.d.ts`,
	``, // what the go command downloads, the first time
	`(?m)^crs_\S+ Kathak Foundations$`,
	`^$`,
	`^\{"data":\[\],"pagination":\{`,
	``,
}

// Somebody who has no more than the contract and the folder beside it types what openapi/README.md says. Only the two
// ports are others, free ones, because those of the README may be taken on the machine that tests.
func TestFork_TenCommandsLeadFromAnEmptyFolderToAMockAClientAndAServer(t *testing.T) {
	t.Parallel()
	need(t, "npx")
	need(t, "bash")
	lines := strings.Split(strings.Join(shellBlocksOf(t, "openapi/README.md", "Fork it: ten commands"), "\n"), "\n")
	if len(lines) != len(forked) {
		t.Fatalf("a reader types %d commands, want %d: %q", len(lines), len(forked), lines)
	}
	mock, stub := freeAddress(t), freeAddress(t)
	ports := strings.NewReplacer("--port 4010", "--port "+mock[strings.LastIndex(mock, ":")+1:], "127.0.0.1:4010", mock, "127.0.0.1:8080", stub)
	var api contract
	if err := yaml.Unmarshal(openapi.Bundle, &api); err != nil {
		t.Fatal(err)
	}
	walk := openWalk(t)
	for i, command := range lines {
		if i == len(lines)-1 {
			wantAnswers(t, api, "http://"+mock, "http://"+stub+"/api/v1")
			walk.wantTypes(t, api)
		}
		shown := walk.step(t, ports.Replace(command))
		if !regexp.MustCompile(forked[i]).MatchString(shown) {
			t.Fatalf("%s\nshows %s\nwant  %s", command, shown, forked[i])
		}
	}
	wantSilence(t, mock)
	wantSilence(t, stub)
}

// wantSilence waits until nobody listens on an address: who was told to end needs a moment to do so.
func wantSilence(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			break
		}
		_ = connection.Close()
		<-again.C
	}
	if ctx.Err() != nil {
		t.Errorf("after the last command somebody still listens on %s", address)
	}
}

// Who forks works with the versions that this repository is made with, and that its tests have run.
func TestFork_PinsWhatThisRepositoryUses(t *testing.T) {
	t.Parallel()
	kit := strings.Join(shellBlocksOf(t, "openapi/README.md", "Fork it: ten commands"), "\n") + text(t, "openapi/fork/go.mod")
	for file, pattern := range map[string]string{
		"go.mod":               `(?m)^\t(github\.com/oapi-codegen/\S+) (v\S+)$`,
		"openapi/package.json": `"(@redocly/cli)": "([0-9.]+)"`,
		"tools/contractgen/samples/ts/package.json": `"(openapi-typescript|typescript)": "([0-9.]+)"`,
	} {
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(text(t, file), -1)
		if found == nil {
			t.Errorf("%s pins nothing", file)
		}
		for _, pin := range found {
			pinned := regexp.MustCompile(regexp.QuoteMeta(pin[1]) + `\S*[ @]([0-9v]\S*)`).FindStringSubmatch(kit)
			if pinned == nil || pinned[1] != pin[2] {
				t.Errorf("%s has %s %s, the fork %q", file, pin[1], pin[2], pinned)
			}
		}
	}
}

// text is a file of the repository.
func text(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A walk is a shell with job control, as a terminal's has, in an empty folder beside this repository.
type walk struct {
	*session
	folder string
	jobs   map[int]bool // process groups that commands have started in the background
}

func openWalk(t *testing.T) *walk {
	t.Helper()
	parent := t.TempDir()
	w := &walk{session: openSession(t, "bash", ""), folder: filepath.Join(parent, "mine"), jobs: map[int]bool{}}
	t.Cleanup(func() { // only what a failure has left running
		for group := range w.jobs {
			_ = syscall.Kill(-group, syscall.SIGKILL)
		}
	})
	if err := os.Mkdir(w.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root(t), filepath.Join(parent, "api")); err != nil {
		t.Fatal(err)
	}
	w.step(t, "cd '"+w.folder+"'")
	w.step(t, "set -m")
	return w
}

// step types a command and returns what it shows. Its input is not the shell's, which reads the next command there; and
// its output is a file, which is complete when the command has ended.
func (w *walk) step(t *testing.T, command string) string {
	t.Helper()
	file := w.folder + ".shown"
	failed := w.paste("{\n" + command + "\n} </dev/null >'" + file + "' 2>&1")
	shown, err := os.ReadFile(file)
	if failed != nil || err != nil {
		t.Fatalf("%s: %v %s", command, errors.Join(failed, err), shown)
	}
	jobs, err := w.ask("printf '%s\\n' \"$(jobs -p | tr '\\n' ' ')\" >&3\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range strings.Fields(jobs) {
		group, err := strconv.Atoi(job)
		if err != nil {
			t.Fatal(err)
		}
		w.jobs[group] = true
	}
	return strings.TrimSpace(string(shown))
}

// wantTypes checks the types that the walk has made with the compiler that it has fetched for them.
func (w *walk) wantTypes(t *testing.T, api contract) {
	t.Helper()
	w.step(t, "npx --yes --package typescript@5.9.3 --package openapi-typescript@7.13.0 tsc --noEmit --strict tbc.d.ts")
	types, err := os.ReadFile(filepath.Join(w.folder, "tbc.d.ts"))
	if err != nil {
		t.Fatal(err)
	}
	for _, methods := range api.Paths {
		for _, op := range methods {
			if !strings.Contains(string(types), `operations["`+op.OperationID+`"]`) {
				t.Errorf("tbc.d.ts has no %s", op.OperationID)
			}
		}
	}
}

// wantAnswers calls both servers while they run: the mock has an answer to every GET, the other a route for every
// operation.
func wantAnswers(t *testing.T, api contract, mock, stub string) {
	t.Helper()
	for path, methods := range api.Paths {
		address := strings.ReplaceAll(path, "{id}", "any")
		for method, op := range methods {
			method = strings.ToUpper(method)
			if method == http.MethodGet {
				if status, body := call(t, method, mock+address); status != http.StatusOK {
					t.Errorf("the mock answers %s with %d: %s", op.OperationID, status, body)
				}
			}
			if op.OperationID == "listCourses" { // which is written, and is called by the walk itself
				continue
			}
			want := strings.ToUpper(op.OperationID[:1]) + op.OperationID[1:] + " is not written yet"
			status, body := call(t, method, stub+address)
			var refusal struct {
				Error struct{ Code, Message string }
			}
			if err := json.Unmarshal(body, &refusal); err != nil || status != http.StatusInternalServerError ||
				refusal.Error.Code != "internal_error" || refusal.Error.Message != want {
				t.Errorf("the server answers %s with %d: %s", op.OperationID, status, body)
			}
		}
	}
}

// call makes a call with a key and, unless it is a GET, an empty object.
func call(t *testing.T, method, address string) (status int, body []byte) {
	t.Helper()
	var sent io.Reader
	if method != http.MethodGet {
		sent = strings.NewReader("{}")
	}
	request, err := http.NewRequestWithContext(t.Context(), method, address, sent)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer tbc_any")
	request.Header.Set("Content-Type", "application/json")
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}
