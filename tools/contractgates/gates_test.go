package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const repository = "../.."

// theTools finds both tools once. Without them no test here means anything.
var theTools = sync.OnceValues(func() (gates, error) { return gatesOf(context.Background(), repository) })

// oneAtATime leaves a core to others: each comparison is two programs that take a core each.
var oneAtATime = make(chan struct{}, 2)

// tree is a contract, or a part of one, to be changed in a test.
type tree = map[string]any

// in goes down to a part that has to be there.
func in(t *testing.T, from tree, keys ...string) tree {
	t.Helper()
	for _, key := range keys {
		next, ok := from[key].(tree)
		if !ok {
			t.Fatalf("the contract has no %s in %v", key, keys)
		}
		from = next
	}
	return from
}

func schema(t *testing.T, contract tree, name string) tree {
	t.Helper()
	return in(t, contract, "components", "schemas", name)
}

// stage puts both contracts, a changelog and no notes into a folder of their own.
func stage(t *testing.T, released, current func(*testing.T, tree)) gates {
	t.Helper()
	g, err := theTools()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	g.released, g.current = filepath.Join(folder, "released.yaml"), filepath.Join(folder, "current.yaml")
	g.changelog, g.notes = filepath.Join(folder, "CHANGELOG.md"), filepath.Join(folder, "next.md")
	writeContract(t, g.released, released)
	writeContract(t, g.current, func(t *testing.T, contract tree) {
		if released != nil {
			released(t, contract)
		}
		current(t, contract)
	})
	if err := os.WriteFile(g.changelog, []byte("# Changelog\n\n## The promise\n\nStable.\n\n## "+was(t)+"\n\n- Past.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return g
}

func writeContract(t *testing.T, path string, edit func(*testing.T, tree)) {
	t.Helper()
	contract := readTree(t)
	if edit != nil {
		edit(t, contract)
	}
	text, err := json.MarshalIndent(contract, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// theContract is that of this repository as JSON, which is YAML too and read in a tenth of the time.
var theContract = sync.OnceValues(func() ([]byte, error) {
	d, err := readDocument(filepath.Join(repository, "openapi", "tbc-v1.yaml"))
	if err != nil {
		return nil, err
	}
	return json.Marshal(d.root)
})

// readTree is a contract of one's own to change.
func readTree(t *testing.T) tree {
	t.Helper()
	text, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	var contract tree
	if err := json.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	return contract
}

func was(t *testing.T) string {
	t.Helper()
	return in(t, readTree(t), "info")["version"].(string)
}

// moveTo sets the version that a change of this impact demands.
func moveTo(t *testing.T, contract tree, need impact) {
	t.Helper()
	v, err := parseVersion(was(t))
	if err != nil {
		t.Fatal(err)
	}
	in(t, contract, "info")["version"] = v.after(need).String()
}

// judged compares with both tools and judges, with the changelog that belongs to it.
func judged(t *testing.T, g gates) (*comparison, []refusal) {
	t.Helper()
	oneAtATime <- struct{}{}
	defer func() { <-oneAtATime }()
	c, err := g.compare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := g.composeChangelog(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(g.changelog, text, 0o644); err != nil {
		t.Fatal(err)
	}
	refusals, err := g.judge(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, refusals
}

func rules(refusals []refusal) []string {
	set := map[string]bool{}
	for _, r := range refusals {
		set[r.rule] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Each kind of change that breaks a client is refused, by the name of the rule, whatever version it calls itself.
func TestGates_RefuseWhatBreaksClients(t *testing.T) {
	for name, c := range breakingChanges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := stage(t, c.released, func(t *testing.T, contract tree) {
				c.current(t, contract)
				moveTo(t, contract, addition)
			})
			_, refusals := judged(t, g)
			if got := rules(refusals); !slices.Equal(got, c.want) {
				t.Errorf("refused by %q, want %q:\n%v", got, c.want, refusals)
			}
			for _, r := range refusals {
				if !strings.Contains(r.String(), c.place) || !strings.HasSuffix(r.String(), "ships under /api/v2.") {
					t.Errorf("the line does not name %q and what to do: %s", c.place, r)
				}
			}
		})
	}
}

// Each kind of change that breaks nobody is accepted with the version that it demands, and the changelog tells it.
func TestGates_AcceptWhatBreaksNobody(t *testing.T) {
	for name, c := range harmlessChanges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := stage(t, nil, func(t *testing.T, contract tree) {
				c.edit(t, contract)
				moveTo(t, contract, c.need)
			})
			got, refusals := judged(t, g)
			if len(refusals) > 0 || got.need != c.need {
				t.Errorf("it is said that %s, want that %s; refused: %v", got.need, c.need, refusals)
			}
			text, err := os.ReadFile(g.changelog)
			if err != nil || !strings.Contains(string(text), c.told) {
				t.Errorf("the changelog does not say %q: %v\n%s", c.told, err, text)
			}
		})
	}
}

// The version moves as far as the change demands: not less, not more, and not without one.
func TestGates_VersionMovesAsTheChangeDemands(t *testing.T) {
	moves := map[string]struct {
		change, move impact
		want         string
	}{
		"an addition, not moved":          {addition, nothing, "version-not-moved"},
		"an addition, moved too little":   {addition, words, "version-moved-too-little"},
		"words, moved too far":            {words, addition, "version-moved-too-far"},
		"words, not moved":                {words, nothing, "version-not-moved"},
		"no change, and moved":            {nothing, words, "version-moved-without-change"},
		"no change, and not moved":        {nothing, nothing, ""},
		"an addition, moved as it should": {addition, addition, ""},
	}
	for name, m := range moves {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := stage(t, nil, func(t *testing.T, contract tree) {
				switch m.change {
				case words:
					in(t, contract, "paths", "/me", "get")["summary"] = "Fetch the key that you hold"
				case addition:
					schema(t, contract, "Course")["properties"].(tree)["motto"] = motto()
				}
				moveTo(t, contract, m.move)
			})
			_, refusals := judged(t, g)
			if got := strings.Join(rules(refusals), " "); got != m.want {
				t.Errorf("refused by %q, want %q: %v", got, m.want, refusals)
			}
		})
	}
}

// Notice is given for 180 days, counted from now, wherever the thing that ends stands in the contract.
func TestGates_SunsetLeavesTimeToMove(t *testing.T) {
	g, err := theTools()
	if err != nil {
		t.Fatal(err)
	}
	in180 := g.now.UTC().AddDate(0, 0, noticeDays)
	deprecated := func(sunset time.Time) tree {
		return tree{"deprecated": true, "x-deprecated-at": "2026-01-01T00:00:00Z", "x-sunset": sunset.Format(time.RFC3339)}
	}
	released := &document{root: tree{"old": deprecated(in180.AddDate(0, 0, 30)), "fresh": tree{}}}
	for name, c := range map[string]struct {
		current tree
		want    string
	}{
		"far enough":       {tree{"fresh": deprecated(in180.Add(time.Minute))}, ""},
		"a minute short":   {tree{"fresh": deprecated(in180.Add(-time.Minute))}, "sunset-too-near"},
		"no date at all":   {tree{"fresh": tree{"deprecated": true}}, "sunset-too-near"},
		"announced before": {tree{"old": deprecated(in180.AddDate(0, 0, 30))}, ""},
		"moved away":       {tree{"old": deprecated(in180.AddDate(1, 0, 0))}, ""},
		"moved nearer":     {tree{"old": deprecated(in180)}, "sunset-moved-nearer"},
		"in a list":        {tree{"list": []any{deprecated(g.now)}}, "sunset-too-near"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(rules(judgeNotice(released, &document{root: c.current}, g.now)), " "); got != c.want {
				t.Errorf("refused by %q, want %q", got, c.want)
			}
		})
	}
}

// Without the released copy everything would pass, so nothing does.
func TestGates_ReleasedCopyHasToBeThere(t *testing.T) {
	t.Parallel()
	g := stage(t, nil, func(*testing.T, tree) {})
	if err := os.Remove(g.released); err != nil {
		t.Fatal(err)
	}
	_, refusals, err := g.check(t.Context())
	if err != nil || !slices.Equal(rules(refusals), []string{"released-copy-missing"}) {
		t.Errorf("refused by %v, %v", refusals, err)
	}
}
