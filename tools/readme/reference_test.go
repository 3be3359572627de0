package readme

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/gen/docs"
	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/contractgen/samples"
)

// perMinute is how many calls the key of make run may make in a minute: a reader who pastes the whole page within one
// must not be refused.
const perMinute = 60

// Each shell has a server of its own with an empty database, as a reader has who has just typed make run.
func TestReference_EveryCurlRunsAsPastedInThePagesOrder(t *testing.T) {
	t.Parallel()
	build(t)
	shells := []string{"sh", "bash"}
	if _, err := exec.LookPath("zsh"); err == nil {
		shells = append(shells, "zsh")
	}
	for _, shell := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			page := openPage(t, shell)
			for _, block := range page.blocks {
				if err := page.paste(block.operation, block.code); err != nil {
					t.Fatalf("the curl of %s: %v", block.operation, err)
				}
			}
			t.Logf("%d curls of %d operations in %s, with %d calls", len(page.blocks), page.contract.count(), shell, page.count)
			if page.count > perMinute {
				t.Errorf("the page makes %d calls, more than the %d of a minute", page.count, perMinute)
			}
		})
	}
}

// What the test above relies on: a block that goes wrong is found.
func TestReference_ACurlThatGoesWrongIsFound(t *testing.T) {
	t.Parallel()
	build(t)
	page := openPage(t, "sh")
	if err := page.paste("createCourse", page.curl("createCourse")); err != nil {
		t.Fatal(err)
	}
	course := page.curl("getCourse")
	for _, c := range []struct{ id, block, want string }{
		{"getCourse", strings.Replace(course, "$COURSE_ID", "crs_none", 1), "answers 404, want [200]"},
		{"publishCourse", course, `calls "getCourse: GET /courses/{id}" last`},
		{"createCourse", strings.Replace(page.curl("createCourse"), `"id":`, `"key":`, 1), `COURSE_ID is ""`},
		{"getCourse", strings.Replace(course, "curl", "curly", 1), "the block ends with"},
		{"getOrder", page.curl("getOrder"), "ORDER_ID"}, // no order was made: the shell ends over it
	} {
		if err := page.paste(c.id, c.block); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.block, err, c.want)
		}
	}
}

// The samples in Go are one program here, so that each has the ids of those before it.
func TestReference_EveryGoSampleRunsInThePagesOrder(t *testing.T) {
	t.Parallel()
	build(t)
	all, origin := newSamples(t), "http://"+freeAddress(t)
	key := serve(t, origin)
	program, err := all.Program(samples.Go)
	if err != nil {
		t.Fatal(err)
	}
	recorder := record(t, origin)
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(program, samples.Origin, recorder.url)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", file)
	cmd.Dir, cmd.Env = root(t), append(newcomer(os.Environ()), "TBC_KEY="+key)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if calls := recorder.take(); len(calls) < len(all.Order()) {
		t.Errorf("%d calls were made for %d operations", len(calls), len(all.Order()))
	}
}

// newSamples makes the samples of the contract and the client as they are.
func newSamples(t *testing.T) *samples.Samples {
	t.Helper()
	client, err := os.ReadFile(filepath.Join(root(t), "gen/client/client.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := samples.New(openapi.Bundle, client)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// serve types make run, with an empty database, and returns the key that it prints.
func serve(t *testing.T, origin string) string {
	t.Helper()
	server := open(t, "make run", "make run", "",
		"TBC_ADDR="+strings.TrimPrefix(origin, "http://"), "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "tbc.db"))
	found, _ := server.await(`^ +(tbc_[0-9A-Za-z]{36})$`)
	return found[1]
}

// A page is the reference's curls, a shell to paste them into and a server behind it.
type page struct {
	blocks   []curl
	contract contract
	session  *session
	recorder *recorder
	count    int
}

// A curl is a block of the page, with the operation it stands beside; "" in the introduction.
type curl struct{ operation, code string }

// openPage starts a server as make run does, and a shell that has its key.
func openPage(t *testing.T, shell string) *page {
	t.Helper()
	p := &page{}
	if err := yaml.Unmarshal(openapi.Bundle, &p.contract); err != nil {
		t.Fatal(err)
	}
	origin := "http://" + freeAddress(t)
	key := serve(t, origin)
	p.recorder = record(t, origin)
	p.blocks = curls(t, p.recorder.url)
	if beside := len(slices.DeleteFunc(slices.Clone(p.blocks), func(b curl) bool { return b.operation == "" })); beside != p.contract.count() {
		t.Fatalf("%d curls stand beside %d operations", beside, p.contract.count())
	}
	p.session = openSession(t, shell, key)
	return p
}

// shown finds where an operation begins on the page, and what is there to paste.
var shown = regexp.MustCompile(`<section class="op" id="([^"]+)"|<code class="language-sh">([^<]*)</code>`)

// curls are all that the page shows, in its order, for the server at an origin. That which exports TBC_KEY is done already.
func curls(t *testing.T, origin string) (list []curl) {
	t.Helper()
	text, err := docs.Files.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	operation := ""
	for _, found := range shown.FindAllStringSubmatch(string(text), -1) {
		code := strings.ReplaceAll(html.UnescapeString(found[2]), docs.BaseURL, origin)
		switch {
		case found[1] != "":
			operation = found[1]
		case !strings.HasPrefix(code, "export TBC_KEY="):
			list = append(list, curl{operation, code})
		}
	}
	return list
}

// curl is the block of an operation.
func (p *page) curl(id string) string {
	for _, block := range p.blocks {
		if block.operation == id {
			return block.code
		}
	}
	return ""
}

// paste runs the block of an operation. Every call in it must have a success that the contract has, and the last one
// must be of the operation, if it stands beside one.
func (p *page) paste(id, block string) error {
	if err := p.session.paste(block); err != nil {
		return err
	}
	calls := p.recorder.take()
	p.count += len(calls)
	last := ""
	for _, call := range calls {
		path, op := p.contract.operation(call)
		if op == nil || !slices.Contains(op.successes(), call.status) {
			return fmt.Errorf("%s %s answers %d, want %v: %s", call.method, call.path, call.status, op.successes(), p.session.shown())
		}
		last = op.OperationID + ": " + call.method + " " + path
	}
	if last == "" || id != "" && !strings.HasPrefix(last, id+":") {
		return fmt.Errorf("the block calls %q last: %s", last, p.session.shown())
	}
	return nil
}

// A contract is the statuses of every operation, by path and method.
type contract struct {
	Paths map[string]map[string]operation `yaml:"paths"`
}

type operation struct {
	OperationID string               `yaml:"operationId"`
	Responses   map[string]yaml.Node `yaml:"responses"`
}

// count is how many operations there are.
func (c contract) count() (n int) {
	for _, methods := range c.Paths {
		n += len(methods)
	}
	return n
}

// operation finds what was called; a path that is spelled out goes before one with an id.
func (c contract) operation(call recorded) (path string, op *operation) {
	for template, methods := range c.Paths {
		pattern := "^/api/v1" + strings.ReplaceAll(regexp.QuoteMeta(template), `\{id\}`, `[^/]+`) + "$"
		found, ok := methods[strings.ToLower(call.method)]
		if ok && regexp.MustCompile(pattern).MatchString(call.path) && (op == nil || !strings.Contains(template, "{")) {
			path, op = template, &found
		}
	}
	return path, op
}

// successes are the statuses of an operation that are neither an error nor a 304.
func (op *operation) successes() []int {
	var list []int
	if op == nil {
		return list
	}
	for status := range op.Responses {
		if number, err := strconv.Atoi(status); err == nil && number < 300 {
			list = append(list, number)
		}
	}
	slices.Sort(list)
	return list
}
