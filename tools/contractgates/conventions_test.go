package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// badContracts each break one convention of openapi/rules, in one place, and are named by the rule and what they do.
var badContracts = map[string]func(*testing.T, tree){
	"one-scope-set, none": func(t *testing.T, c tree) { delete(in(t, c, "paths", "/courses", "get"), "security") },
	"one-scope-set, two": func(t *testing.T, c tree) {
		get := in(t, c, "paths", "/courses", "get")
		get["security"] = append(get["security"].([]any), tree{"bearerAuth": []any{"read:orders"}})
	},
	"one-scope-set, unknown": func(t *testing.T, c tree) {
		in(t, c, "paths", "/courses", "get")["security"] = []any{tree{"bearerAuth": []any{"read:mottos"}}}
	},
	"camel-case-members": func(t *testing.T, c tree) { in(t, schema(t, c, "Price"), "properties")["first_motto"] = motto() },
	"camel-case-members, of an event's data": func(t *testing.T, c tree) {
		in(t, schema(t, c, "WebhookTest"), "properties")["created_at"] = motto()
	},
	"error-envelope": func(t *testing.T, c tree) {
		in(t, c, "components", "responses", "ForbiddenError", "content", "application/json")["schema"] = tree{"$ref": "#/components/schemas/ErrorBody"}
	},
	"data-envelope": func(t *testing.T, c tree) { schema(t, c, "MeResponse")["required"] = []any{} },
	"data-envelope, of a list": func(t *testing.T, c tree) {
		courses := schema(t, c, "CourseList")
		courses["required"] = without(courses["required"], "pagination")
	},
	"rate-headers": func(t *testing.T, c tree) {
		delete(in(t, c, "paths", "/me", "get", "responses", "200", "headers"), "X-RateLimit-Daily-Reset")
	},
	"rate-headers, no request id": func(t *testing.T, c tree) {
		delete(in(t, c, "components", "responses", "InternalError", "headers"), "X-Request-Id")
	},
	"retry-after, missing": func(t *testing.T, c tree) {
		delete(in(t, c, "components", "responses", "RateLimitedError", "headers"), "Retry-After")
	},
	"retry-after, elsewhere": func(t *testing.T, c tree) {
		in(t, c, "components", "responses", "InternalError", "headers")["Retry-After"] = tree{"$ref": "#/components/headers/Retry-After"}
	},
	"bounded-strings": func(t *testing.T, c tree) {
		delete(in(t, schema(t, c, "StudentCreate"), "properties", "displayName"), "maxLength")
	},
	"bounded-arrays": func(t *testing.T, c tree) {
		delete(in(t, schema(t, c, "StudentCreate"), "properties", "tags"), "maxItems")
	},
	"no-schema-named-error": func(t *testing.T, c tree) {
		in(t, c, "components", "schemas")["Error"] = motto()
		in(t, schema(t, c, "Price"), "properties")["error"] = tree{"$ref": "#/components/schemas/Error"}
	},
	"one-type": func(t *testing.T, c tree) {
		in(t, schema(t, c, "Price"), "properties")["motto"] = tree{"type": []any{"string", "integer", "null"}, "maxLength": 9}
	},
	"no-dialect": func(_ *testing.T, c tree) { c["jsonSchemaDialect"] = "https://json-schema.org/draft/2020-12/schema" },
	"plain-enums": func(t *testing.T, c tree) {
		in(t, schema(t, c, "Price"), "properties")["motto"] = tree{"oneOf": []any{tree{"const": "one"}, tree{"const": "two"}}}
	},
	"idempotent-post": func(t *testing.T, c tree) { delete(in(t, c, "paths", "/courses/{id}/archive", "post"), "parameters") },
	"dated-deprecations, undated": func(t *testing.T, c tree) {
		in(t, c, "paths", "/courses", "get")["deprecated"] = true
	},
	"dated-deprecations, too soon": func(t *testing.T, c tree) {
		deprecate(in(t, schema(t, c, "Price"), "properties", "currency"), "2026-06-01T00:00:00Z")
	},
}

// own is a rule of this repository in what Redocly prints.
var own = regexp.MustCompile(`tbc/[a-z-]+`)

// Each convention has a rule that is switched on and that refuses, by its name, a contract that breaks it in one place.
// No other of our rules minds that place, and none minds the contract itself.
func TestConventions_EachRefusesABadContract(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good := "good"
	writeContract(t, filepath.Join(folder, good+".yaml"), nil)
	files, bad := []string{filepath.Join(folder, good+".yaml")}, slices.Sorted(maps.Keys(badContracts))
	for _, name := range bad {
		files = append(files, filepath.Join(folder, name+".yaml"))
		writeContract(t, files[len(files)-1], badContracts[name])
	}
	found, output := lint(t, files)
	if len(found[good]) > 0 {
		t.Errorf("the contract itself is refused by %v", found[good])
	}
	proven := map[string]bool{}
	for _, name := range bad {
		rule, _, _ := strings.Cut(name, ",")
		proven["tbc/"+rule] = true
		if want := []string{"tbc/" + rule}; !slices.Equal(found[name], want) {
			t.Errorf("%q is refused by %v, want %v", name, found[name], want)
		}
	}
	config, err := os.ReadFile(filepath.Join(repository, "openapi", "redocly.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	switched := slices.Compact(slices.Sorted(slices.Values(own.FindAllString(strings.Split(string(config), "\nrules:")[1], -1))))
	if !slices.Equal(switched, slices.Sorted(maps.Keys(proven))) {
		t.Errorf("openapi/redocly.yaml switches on %v, and there are bad contracts for %v", switched, slices.Sorted(maps.Keys(proven)))
	}
	if t.Failed() {
		t.Log(output)
	}
}

// lint has Redocly lint all files at once and gives our rules that refused each.
func lint(t *testing.T, files []string) (map[string][]string, string) {
	t.Helper()
	g, err := theTools()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"lint", "--format=json", "--max-problems=10000", "--config", filepath.Join(repository, "openapi", "redocly.yaml")}, files...)
	cmd := exec.CommandContext(t.Context(), g.redocly, args...)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		t.Fatalf("redocly lint found nothing in bad contracts: %v", err)
	}
	found := map[string][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); { // one report for each file
		var report struct {
			Problems []struct {
				RuleID   string
				Severity string
				Location []struct{ Source struct{ Ref string } }
			}
		}
		if err := decoder.Decode(&report); err != nil {
			t.Fatalf("read what redocly lint says: %v\n%.2000s", err, out)
		}
		for _, p := range report.Problems {
			name := strings.TrimSuffix(filepath.Base(p.Location[0].Source.Ref), ".yaml")
			if strings.HasPrefix(p.RuleID, "tbc/") && p.Severity == "error" && !slices.Contains(found[name], p.RuleID) {
				found[name] = append(found[name], p.RuleID)
			}
		}
	}
	return found, string(out)
}
