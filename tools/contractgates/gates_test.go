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
var theTools = sync.OnceValues(func() (gates, error) {
	g := gatesOf(repository)
	return g, g.find(context.Background())
})

// oneEach is as many comparisons at once as a small machine has cores: each runs a program that takes one.
var oneEach = make(chan struct{}, 2)

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
	write(t, g.changelog, "# Changelog\n\n## The promise\n\nStable.\n\n## "+was(t)+"\n\n- Past.\n")
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
	write(t, path, string(text))
}

// theContract is that of this repository in JSON, which is YAML too and read in a part of the time; and read once for
// all, since the race detector makes reading it a matter of seconds.
var theContract = sync.OnceValues(func() (*document, error) {
	d, err := readDocument(filepath.Join(repository, "openapi", "tbc-v1.yaml"))
	if err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(d.root, "", " ")
	if err != nil {
		return nil, err
	}
	return parseDocument("the contract", raw)
})

// readTree is a contract of one's own to change.
func readTree(t *testing.T) tree {
	t.Helper()
	d, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	var contract tree
	if err := json.Unmarshal(d.raw, &contract); err != nil {
		t.Fatal(err)
	}
	return contract
}

// readReleased reads the released contract, if it is not the one that is read already.
func readReleased(t *testing.T, g gates) *document {
	t.Helper()
	known, err := theContract()
	if err == nil && read(t, g.released) == string(known.raw) {
		return known
	}
	d, err := readDocument(g.released)
	if err != nil {
		t.Fatal(err)
	}
	return d
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

// compared asks both tools.
func compared(t *testing.T, g gates) *comparison {
	t.Helper()
	oneEach <- struct{}{}
	defer func() { <-oneEach }()
	current, err := readDocument(g.current)
	if err != nil {
		t.Fatal(err)
	}
	c, err := g.compareRead(t.Context(), readReleased(t, g), current)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// judged judges what was compared, with the changelog that belongs to it.
func judged(t *testing.T, g gates, c *comparison) []refusal {
	t.Helper()
	text, err := g.composeChangelog(c)
	if err != nil {
		t.Fatal(err)
	}
	write(t, g.changelog, string(text))
	refusals, err := g.judge(c)
	if err != nil {
		t.Fatal(err)
	}
	return refusals
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
			refusals := judged(t, g, compared(t, g))
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
			got := compared(t, g)
			refusals := judged(t, g, got)
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
	type moves map[string]string // by how far it has moved, the refusal
	for name, c := range map[string]struct {
		edit func(*testing.T, tree)
		moves
	}{
		"nothing": {func(*testing.T, tree) {}, moves{"": "", "patch": "version-moved-without-change", "minor": "version-moved-without-change"}},
		"words": {harmlessChanges["words"].edit, moves{
			"": "version-not-moved", "patch": "", "two patches": "version-moved-too-far", "minor": "version-moved-too-far", "back": "version-moved-too-little",
		}},
		"addition": {harmlessChanges["operation deprecated"].edit, moves{
			"": "version-not-moved", "patch": "version-moved-too-little", "minor": "", "major": "version-moved-too-far",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := stage(t, nil, c.edit)
			difference := compared(t, g)
			v := difference.from
			for move, want := range c.moves {
				difference.to = map[string]version{
					"": v, "patch": {v.major, v.minor, v.patch + 1}, "two patches": {v.major, v.minor, v.patch + 2},
					"minor": {v.major, v.minor + 1, 0}, "major": {v.major + 1, 0, 0}, "back": {v.major, v.minor - 1, 0},
				}[move]
				if got := strings.Join(rules(judged(t, g, difference)), " "); got != want {
					t.Errorf("moved %q, refused by %q, want %q", move, got, want)
				}
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

// Whoever does as told is not refused again for as long as a release usually takes.
func TestGates_TheSunsetProposedHoldsUntilTheRelease(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 19, 23, 59, 0, 0, time.UTC)
	fresh := func(sunset string) *document {
		return &document{root: tree{"fresh": tree{"deprecated": true, "x-sunset": sunset}}}
	}
	released := &document{root: tree{"fresh": tree{}}}
	refused := judgeNotice(released, fresh("2026-05-20T00:00:00Z"), now)
	if len(refused) != 1 || !strings.HasPrefix(refused[0].todo, "Move x-sunset to 2026-12-16 or later, which leaves 30 days") {
		t.Fatalf("refused with %v", refused)
	}
	for days, want := range map[int]int{0: 0, 29: 0, 31: 1} {
		if got := judgeNotice(released, fresh("2026-12-16T00:00:00Z"), now.AddDate(0, 0, days)); len(got) != want {
			t.Errorf("after %d days refused with %v", days, got)
		}
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
