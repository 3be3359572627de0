package samples

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/thebigclass/api/openapi"
)

// root is the repository's, where the client is.
const root = "../../.."

func newSamples(t *testing.T, bundle []byte) (*Samples, error) {
	t.Helper()
	client, err := os.ReadFile(filepath.Join(root, "gen/client/client.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	return New(bundle, client)
}

func TestFor_EveryOperationHasOneSampleInEachLanguage(t *testing.T) {
	t.Parallel()
	all, err := newSamples(t, openapi.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	paths, _, _ := bytes.Cut(openapi.Bundle, []byte("\nwebhooks:\n"))
	if want := bytes.Count(paths, []byte("\n      operationId: ")); len(all.Order()) != want {
		t.Errorf("%d operations are in order, want %d", len(all.Order()), want)
	}
	for _, id := range all.Order() {
		var languages []string
		for _, sample := range all.For(id) {
			languages = append(languages, sample.Language)
			if sample.Code != strings.TrimSpace(sample.Code) || sample.Code == "" {
				t.Errorf("%s in %s begins or ends with space", id, sample.Language)
			}
		}
		if got := strings.Join(languages, " "); got != "curl TypeScript Go Python" {
			t.Errorf("%s has samples in %q", id, got)
		}
	}
	if all.For("nothing") != nil {
		t.Error("an operation that is none has samples")
	}
}

// Whoever serves the page replaces Origin. Any other host of ours would stay.
func TestFor_NamesNoHostButOriginAndExamples(t *testing.T) {
	t.Parallel()
	all, err := newSamples(t, openapi.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	shown := all.Setup()
	for _, id := range all.Order() {
		shown = append(shown, all.For(id)...)
	}
	hosts := regexp.MustCompile(`https?://[^/" ]+`)
	for _, sample := range shown {
		for _, host := range hosts.FindAllString(sample.Code+sample.Note, -1) {
			if host != Origin && !strings.HasSuffix(host, ".example.com") {
				t.Errorf("%s is named in: %s", host, sample.Code)
			}
		}
	}
}

// zsh takes a pasted # for a command, and ? outside quotes for a pattern.
func TestFor_ACurlHasNothingThatZshReadsInAnotherWay(t *testing.T) {
	t.Parallel()
	all, err := newSamples(t, openapi.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile(`'[^']*'|"[^"]*"`)
	for _, id := range all.Order() {
		bare := quoted.ReplaceAllString(all.For(id)[0].Code, "")
		if strings.ContainsAny(strings.ReplaceAll(bare, "[ $? =", ""), "#?*!~^") {
			t.Errorf("the curl of %s has, outside of quotes, what zsh expands: %s", id, bare)
		}
	}
}

func TestProgram_AllGoSamplesCompile(t *testing.T) {
	t.Parallel()
	all, err := newSamples(t, openapi.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	program, err := all.Program(Go)
	if err != nil {
		t.Fatal(err)
	}
	if complaints := vet(t, program); complaints != "" {
		t.Errorf("the samples do not compile: %s", complaints)
	}
	spoilt := strings.Replace(program, "ctx, courseID, nil)", "ctx, courseNumber, nil)", 1)
	if complaints := vet(t, spoilt); !strings.Contains(complaints, "courseNumber") {
		t.Errorf("a sample that does not compile passes: %q", complaints)
	}
}

// vet compiles and vets a program within this module, and returns what is wrong with it.
func vet(t *testing.T, program string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "vet", file)
	cmd.Dir = root
	output, err := cmd.CombinedOutput()
	if err != nil {
		return string(output) + err.Error()
	}
	return ""
}

// What would make a sample that does not run is an error of generation.
func TestNew_RefusesAnExampleThatWouldNotRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"an apostrophe", "note: Scholarship place", "note: The dean's place", "apostrophe"},
		{"an id that nobody makes", "- studentId: stu_01HXYBA8M2P4R6T8W0Y2A4C6E8", "- studentId: mod_01HXYBA8M2P4R6T8W0Y2A4C6E8", "makes a mod_"},
		{"a member that the client has not", "attendeeCount: 22", "attendees: 22", "no member attendees"},
		{"a body that the script names", "              minimal:\n", "              small:\n", `no example "minimal"`},
	} {
		bundle := bytes.Replace(openapi.Bundle, []byte(c.old), []byte(c.new), -1)
		if bytes.Equal(bundle, openapi.Bundle) {
			t.Errorf("%s: the contract has no %q", c.name, c.old)
			continue
		}
		if _, err := newSamples(t, bundle); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}
