package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// What make clients promises: five clients, each made, compiled and let loose on a server as make run starts it.
func TestRun_EveryClientCompilesAndConforms(t *testing.T) {
	code, printed := clients(t)
	_, table, found := strings.Cut(printed, "\n\nclient ")
	if code != 0 || !found {
		t.Fatalf("exit code %d: %s", code, printed)
	}
	t.Logf("note: client %s", table)
	for _, l := range languages {
		row := regexp.MustCompile(`(?m)^` + l.name + ` +` + regexp.QuoteMeta(l.generator) + ` +yes [0-9.]+ s +yes [0-9.]+ s +yes [0-9.]+ s$`)
		if !row.MatchString(table) {
			t.Errorf("%s is not in the table, with yes in every cell:\n%s", l.name, table)
		}
	}
}

// A script that passes whatever the server does would prove nothing: each step is shown to fail, in each language.
func TestScripts_FindAServerThatBreaksAPromise(t *testing.T) {
	s := openScripts(t)
	replace := func(old, by string) change {
		return func(_ *http.Response, body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(by)) }
	}
	repeated := func(path string) change {
		return func(response *http.Response, body []byte) []byte {
			if response.Request.Method == http.MethodPost && response.Request.URL.Path == path && response.StatusCode == http.StatusOK {
				response.StatusCode = http.StatusCreated
			}
			return body
		}
	}
	header := func(name, value string) change {
		return func(response *http.Response, body []byte) []byte {
			if response.StatusCode == http.StatusTooManyRequests {
				response.Header.Set(name, value)
			}
			return body
		}
	}
	for step, change := range map[string]change{
		"list": func(_ *http.Response, body []byte) []byte {
			return lastPage.ReplaceAll(body, []byte(`"nextCursor":null`))
		},
		"create":     repeated("/api/v1/students"),
		"change":     replace(`"phone":null`, `"phone":"+919820012345"`),
		"enrol":      repeated("/api/v1/enrollments"),
		"422":        replace(`"details":`, `"more":`),
		"403":        replace("the scope write:students", "a scope"),
		"404":        replace(`"not_found"`, `"forbidden"`),
		"429":        header("Retry-After", "0"),
		"429 (left)": header("X-RateLimit-Remaining", "1"),
	} {
		t.Run(step, func(t *testing.T) {
			address := s.behind(t, change)
			name, _, _ := strings.Cut(step, " ")
			for _, l := range languages {
				wantFailure(t, l, s.run(l, address), name)
			}
		})
	}
	t.Run("webhook", func(t *testing.T) {
		for _, l := range languages {
			spoilSignature(t, filepath.Join(s.kit.folder(l), "signed-example.json"))
			wantFailure(t, l, s.run(l, s.url), "webhook")
		}
	})
}

// lastPage finds the cursor of a page that is not the last.
var lastPage = regexp.MustCompile(`"nextCursor":"[^"]*"`)

// wantFailure fails unless a script has stopped at a step: it says so itself, or prints another line there.
func wantFailure(t *testing.T, l language, err error, step string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "\n"+step+": ") && !strings.Contains(err.Error(), `is not "`+step+": ") {
		t.Errorf("%s does not stop at %s: %v", l.name, step, err)
	}
}

// spoilSignature changes the signature of an example until the end of the test.
func spoilSignature(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := regexp.MustCompile(`v1=[0-9a-f]{64}`).ReplaceAll(text, []byte("v1="+strings.Repeat("0", 64)))
	if bytes.Equal(spoilt, text) {
		t.Fatalf("%s has no signature", file)
	}
	if err := os.WriteFile(file, spoilt, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Error(err)
		}
	})
}

// The README's example reads all pages, and a call that is refused for the limit is made again when it says.
func TestUse_TheExamplesReadAllPagesAndWaitOutTheLimit(t *testing.T) {
	s := openScripts(t)
	emails := map[string]string{}
	for _, l := range languages {
		var refused atomic.Bool
		address := s.behind(t, func(response *http.Response, body []byte) []byte {
			if refused.Swap(true) {
				return body
			}
			response.StatusCode = http.StatusTooManyRequests
			return []byte(`{"error":{"code":"rate_limited","message":"Wait.","requestId":"01HXZK5Q7R9S1T3V5W7X9Y1Z3A","retryAfterSeconds":1}}`)
		})
		printed, err := s.kit.shell(t.Context(), l, s.kit.folder(l), l.use, append(s.env, "TBC_URL="+address)...)
		if err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
		emails[printed] += l.name + " "
		if strings.Count(printed, "@") < 40 || len(emails) > 1 {
			t.Errorf("%s prints other students than %v", l.name, emails)
		}
		spoilt := append(s.env, "TBC_URL="+s.url, "TBC_KEY=tbc_none")
		if _, err := s.kit.shell(t.Context(), l, s.kit.folder(l), l.use, spoilt...); err == nil || !strings.Contains(err.Error(), "unauthorized") {
			t.Errorf("%s does not tell the code of an error: %v", l.name, err)
		}
	}
}

// The contract may gain members and enum values at any time: a client that was made before must go on working.
func TestScripts_TakeWhatTheContractMayGain(t *testing.T) {
	s := openScripts(t)
	address := s.behind(t, func(_ *http.Response, body []byte) []byte {
		for _, value := range []string{`"status":"active"`, `"level":"all"`, `"action":"enrolled"`} {
			name, _, _ := strings.Cut(value, ":")
			body = bytes.ReplaceAll(body, []byte(value), []byte(name+`:"gained_later"`))
		}
		return gains(t, body)
	})
	for _, l := range languages {
		if err := s.run(l, address); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
	}
}

// A contract whose members have other names makes clients that the scripts do not fit: the table must say so.
func TestRun_AContractThatTheScriptsDoNotFitIsFound(t *testing.T) {
	clients(t) // the tools are installed once
	contract := copyContract(t, "nextCursor", "nextPage")
	code, printed := program(t, "-contract", contract, "-out", t.TempDir(), "-only", "go,typescript,python")
	if code != exitNo {
		t.Errorf("exit code %d, want %d", code, exitNo)
	}
	for _, l := range languages[:3] {
		if !regexp.MustCompile(`(?m)^` + l.name + ` .* yes [0-9.]+ s +no [0-9.]+ s +-$`).MatchString(printed) {
			t.Errorf("%s is made of it and passes: %s", l.name, printed)
		}
	}
}

// What no generator understands is the generator's to refuse.
func TestRun_AContractThatIsNoneIsFound(t *testing.T) {
	clients(t)
	code, printed := program(t, "-contract", copyContract(t, "openapi: 3", "openapi: nothing"), "-out", t.TempDir(), "-only", "typescript")
	if code != exitNo || !regexp.MustCompile(`(?m)^TypeScript .* no [0-9.]+ s +- +-$`).MatchString(printed) {
		t.Errorf("exit code %d: %s", code, printed)
	}
}

// copyContract changes every place of the contract and of its 3.0 copy where something stands.
func copyContract(t *testing.T, old, by string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"tbc-v1.yaml", "tbc-v1.oas30.yaml"} {
		text, err := os.ReadFile(filepath.Join("openapi", name))
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.ReplaceAll(text, []byte(old), []byte(by))
		if bytes.Equal(text, changed) {
			t.Fatalf("%s has no %q", name, old)
		}
		if err := os.WriteFile(filepath.Join(folder, name), changed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "tbc-v1.yaml")
}

func TestRun_RefusesWrongUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--help"}, 0, "TBC_LIMITED_KEY"},
		{[]string{"-only", "cobol"}, exitUsage, `no language "cobol"`},
		{[]string{"more"}, exitUsage, "what is more?"},
		{[]string{"-colour"}, exitUsage, "not defined: -colour"},
	} {
		if code, printed := program(t, c.args...); code != c.code || !strings.Contains(printed, c.want) {
			t.Errorf("%v: exit code %d, want %d and %q: %s", c.args, code, c.code, c.want, printed)
		}
	}
}

// A server that runs already is used only with all three keys.
func TestServer_AServerThatRunsNeedsItsKeys(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TBC_URL": "http://127.0.0.1:1/", "TBC_KEY": "a", "TBC_READ_KEY": "b"}
	getenv := func(name string) string { return env[name] }
	if _, _, err := (&kit{}).server(t.Context(), getenv); err == nil || !strings.Contains(err.Error(), "TBC_LIMITED_KEY must be set") {
		t.Errorf("without a key: %v", err)
	}
	env["TBC_LIMITED_KEY"] = "c"
	given, stop, err := (&kit{}).server(t.Context(), getenv)
	if got := strings.Join(given, " "); err != nil || got != "TBC_URL=http://127.0.0.1:1 TBC_KEY=a TBC_READ_KEY=b TBC_LIMITED_KEY=c" {
		t.Errorf("%s: %v", got, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A program that is not there is named with what to install, and nothing is skipped.
func TestPrepare_NamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	k := &kit{root: ".", out: t.TempDir()}
	err := k.prepare(t.Context(), language{name: "Go", needs: []need{{"no-such-program --version", "some-package"}}})
	if err == nil || !strings.Contains(err.Error(), "some-package is not installed (Debian and Ubuntu: sudo apt-get install some-package)") {
		t.Errorf("%v", err)
	}
}

func TestCompare_FindsTheFirstLineThatDiffers(t *testing.T) {
	t.Parallel()
	const want = "list: all\ncreate: 201\n"
	for got, fault := range map[string]string{
		want:                           "",
		"list: all\n":                  `line 2 is not "create: 201": ""`,
		"":                             `line 1 is not "list: all": ""`,
		"list: some\ncreate: 201\n":    `line 1 is not "list: all": "list: some\ncreate: 201\n"`,
		"list: all\ncreate: 201":       `line 3 is not "": ""`,
		want + "more: of it\n":         `line 3 is not "": "more: of it\n"`,
		"list: all\r\ncreate: 201\r\n": `line 1 is not "list: all": "list: all\r\ncreate: 201\r\n"`,
	} {
		err := compare(got, want)
		if err == nil {
			err = errors.New("")
		}
		if err.Error() != fault {
			t.Errorf("%q: %v, want %s", got, err, fault)
		}
	}
}

// The README's commands are those that are run, its steps those that are printed, its generators those of the table.
func TestReadme_SaysWhatIsRun(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("tools/clients/README.md")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := os.ReadFile("tools/clients/expected.txt")
	if err != nil {
		t.Fatal(err)
	}
	wanted := []string{string(steps)}
	examples := map[string]string{"go": "use/main.go", "typescript": "use.ts", "python": "use.py", "java": "Use.java", "php": "use.php"}
	for _, l := range languages {
		example, err := os.ReadFile(filepath.Join("tools/clients", l.folder, examples[l.folder]))
		if err != nil {
			t.Fatal(err)
		}
		wanted = append(wanted, l.generator, "```"+l.folder+"\n"+string(example)+"```\n")
		if l.folder != "go" { // what is made there is gen/client, which is committed: nobody has to make it
			wanted = append(wanted, "\n"+l.command("openapi/tbc-v1.yaml", "bin/clients/"+l.folder)+"\n")
		}
	}
	for _, text := range wanted {
		// A long command is broken with a backslash where there is a space.
		if !strings.Contains(strings.ReplaceAll(string(readme), " \\\n  ", " "), text) {
			t.Errorf("README.md does not say: %s", text)
		}
	}
}
