package browsertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/server/processtest"
	"github.com/thebigclass/api/tools/contractgen/docs/needles"
)

// base is the origin that code on the pages calls.
const base = "http://127.0.0.1:8080"

// documentation is a tab for a server of its own.
func documentation(t *testing.T) *page {
	db := processtest.SQLite(t)
	db.Env = []string{"TBC_ENV=development", "TBC_BASE_URL=" + base}
	return open(t, db.Serve().URL)
}

// Ctrl-F finds it: whatever the contract says can be read on the reference page, at its own anchor, with scripts off.
func TestDocs_ShowEverythingOfTheContractWithoutScripts(t *testing.T) {
	t.Parallel()
	list, err := needles.Of(openapi.Bundle, base)
	if err != nil {
		t.Fatal(err)
	}
	p := documentation(t).withoutScript()
	if status := p.visit("/docs/"); status != 200 {
		t.Fatalf("/docs/ answers %d", status)
	}
	anchors := map[string]bool{}
	for _, needle := range list {
		anchors[needle.Where] = true
	}
	asked, err := json.Marshal(anchors)
	if err != nil {
		t.Fatal(err)
	}
	texts := run(p, chromedp.Evaluate[map[string]string](fmt.Sprintf(`Object.fromEntries(Object.keys(%s).
		map(id => [id, (id ? document.getElementById(id) : document.body)?.innerText ?? ""]))`, asked)))
	for anchor, text := range texts {
		texts[anchor] = needles.Fold(text)
	}
	found := 0
	for _, needle := range list {
		if needle.In(texts[needle.Where]) {
			found++
		} else {
			t.Errorf("cannot be read: %s", needle)
		}
	}
	t.Logf("note: in Chromium without scripts the reference shows %d of %d texts of the contract", found, len(list))
	p.wantNoStrangers()
}

// The whole reference comes at once: three requests, 150 KB, and nothing moves while it is read.
func TestDocs_LoadLittleAndStandStill(t *testing.T) {
	t.Parallel()
	p := documentation(t)
	p.visit("/docs/")
	requests, bytes := p.seen.cost()
	shift := p.shift()
	if requests > 3 || bytes > 150_000 || shift != 0 {
		t.Errorf("%d requests, %d bytes, layout shift %g", requests, bytes, shift)
	}
	t.Logf("note: the reference takes %d requests and %d bytes, and its layout shifts by %g", requests, bytes, shift)
	p.do(chromedp.Evaluate[chromedp.Void](`scrollTo(0, document.body.scrollHeight)`))
	if !run(p, chromedp.Evaluate[bool](`scrollY > 10000 && [document.querySelector("nav.contents").getBoundingClientRect()].
		every(r => r.top > -1 && r.top < innerHeight / 2 && r.height > 100)`)) {
		t.Error("at the end of the page the list of contents is out of view")
	}
	p.wantNoStrangers()
	for _, complaint := range p.complaints() {
		t.Errorf("the console says %s", complaint)
	}
}

// Each page can be used by everyone, and none sends its reader's browser to another server.
func TestDocs_AreOpenToAll(t *testing.T) {
	t.Parallel()
	p := documentation(t)
	p.visit("/docs/")
	pages := run(p, chromedp.Evaluate[[]string](`[...document.querySelectorAll("header nav a")].map(a => a.pathname)`))
	if len(pages) < 5 {
		t.Fatalf("the menu has %q", pages)
	}
	for _, path := range pages {
		if strings.Contains(path, "explorer") {
			continue // another project's program
		}
		if status := p.visit(path); status != 200 {
			t.Errorf("%s answers %d", path, status)
		}
		p.wantOpenToAll()
	}
	p.wantNoStrangers()
}
