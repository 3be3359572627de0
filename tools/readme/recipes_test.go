package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// effects are what the fourth terminal of each recipe's README shows of the stand-in's record.
var effects = map[string][]string{
	"chat-messages": {`"text":"New order .*: Riyaz Notes for 499.00 INR, by asha.nair@example.com"`},
	"bookkeeping": {
		`"DocNumber":"ORD-\d+",.*"Lines":\["Debit 35 4878.46","Debit 61 121.54","Credit 90 762.71","Credit 79 4237.29"\]`,
		`"DocNumber":"ORD-\d+-R1",.*"Lines":\["Credit 35 1000.00","Debit 90 152.54","Debit 79 847.46"\]`,
		`,5000.00,762.71,121.54,0.00,4878.46,ord_`,
		`,-1000.00,-152.54,0.00,0.00,-1000.00,rfd_`,
	},
	"crm-sync": {
		`"email":"tara.menon@example.com","firstname":"Tara","lastname":"Menon","tbc_courses":"[^"]+"`,
		`^stu_[^,]+,tara.menon@example.com,Tara Menon,,,.+`,
	},
	"recording-archive": {
		`"key":"org_.*/rec_.*/recording.mp4","bytes":1048576,.*"type":"video/mp4","metadata":{.*"sha256":"[0-9a-f]{64}"`,
		`"key":"org_.*/rec_.*/recording.mp4.json"`,
	},
	"watermarked-pdf": {
		`"to":\["meera.iyer@example.com"\],"subject":"Your copy of Riyaz Notes .*"name":"riyaz-notes.pdf"` +
			`.*Licensed to Meera Iyer, meera.iyer@example.com.*Licensed to Meera Iyer`,
	},
}

// Every recipe's README runs as it stands, in its four terminals: the server, the stand-in, the recipe, and what happens.
// Only the addresses are others, free ones, the programs are built once, the data go to a folder of the test's own, and
// files of the repository are named from its root.
func TestRecipes_TheirReadmesRunAsPasted(t *testing.T) {
	t.Parallel()
	build(t)
	readmes, err := filepath.Glob(filepath.Join(root(t), "tools/recipes/*/README.md"))
	if err != nil || len(readmes) != len(effects) {
		t.Fatalf("%d READMEs of recipes, and the effects of %d are known: %v", len(readmes), len(effects), err)
	}
	for _, readme := range readmes {
		name := filepath.Base(filepath.Dir(readme))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cook(t, name, readme)
		})
	}
}

func cook(t *testing.T, name, readme string) {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	blocks := blocksOf(t, readme, string(text))
	if len(blocks) != 4 || blocks[0] != "make run" {
		t.Fatalf("the README of %s has %d shell blocks, want one for each of four terminals", name, len(blocks))
	}
	k := kitchen{T: t, folder: t.TempDir(), addresses: []string{
		"go run ./tools/recipes/", recipePrograms(t) + "/", "=tools/recipes/", "=" + root(t) + "/tools/recipes/",
	}}
	for _, port := range recipePort.FindAllString(string(text), -1) {
		if !slices.Contains(k.addresses, port) {
			k.addresses = append(k.addresses, port, freeAddress(t))
		}
	}
	api := k.addresses[slices.Index(k.addresses, "127.0.0.1:8080")+1]
	server := openIn(t, k.folder, "exec "+root(t)+"/bin/tbc serve", "TBC_ADDR="+api, "DATABASE_URL=sqlite:"+filepath.Join(k.folder, "tbc.db"))
	found, _ := server.await(`^ +(tbc_[0-9A-Za-z]{36})$`)
	write(t, filepath.Join(k.folder, "pasted"), found[1]+"\n")
	k.paste(blocks[1]).await(`^Standing in on `)
	k.paste(blocks[2]).await(`^` + name + ` takes `)
	k.wantEffects(blocks[3], effects[name])
}

// recipePort is what a README of a recipe listens on or calls.
var recipePort = regexp.MustCompile(`127\.0\.0\.1:(8080|9\d\d\d)\b`)

// kitchen is where the blocks of a recipe's README are pasted.
type kitchen struct {
	*testing.T
	folder    string
	addresses []string // of the README and of this test, in turn
}

func (k kitchen) paste(block string) *terminal {
	return openIn(k.T, k.folder, "exec < pasted\n"+strings.NewReplacer(k.addresses...).Replace(block))
}

// wantEffects pastes the last block. A reader waits three seconds and then looks; beside other tests it may take longer,
// so this one looks again and again.
func (k kitchen) wantEffects(block string, effects []string) {
	k.Helper()
	act, look, found := strings.Cut(block, "\nsleep 3; ")
	if !found {
		k.Fatalf("the last block does not wait and look: %s", block)
	}
	buyer := k.paste(act + "\nwhile :; do " + look + "; sleep 1; done")
	for _, effect := range effects {
		buyer.await(effect)
	}
}

var builtRecipes sync.Once

// recipePrograms is the folder with all programs under tools/recipes, built once.
func recipePrograms(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(root(t), "bin/recipes")
	builtRecipes.Do(func() {
		cmd := exec.CommandContext(t.Context(), "go", "build", "-o", folder+"/", "./tools/recipes/...")
		cmd.Dir, cmd.Env = root(t), newcomer(os.Environ())
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v: %s", err, output)
		}
	})
	return folder
}
