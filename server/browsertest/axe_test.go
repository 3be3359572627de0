package browsertest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// packages is where npm puts what package.json in that folder names.
const packages = "npm/node_modules"

// axe is the source of the checker of accessibility.
var axe = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(filepath.Join(packages, "axe-core/axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("axe-core is not installed: run make test, which does it, or npm ci --prefix server/browsertest/npm --ignore-scripts")
	}
	return string(source), err
})

// finding is what the checker says of a page.
type finding struct {
	ID, Impact, Help string
	Targets          []string
}

func (f finding) String() string {
	return fmt.Sprintf("%s (%s): %s: %s", f.ID, f.Impact, f.Help, strings.Join(f.Targets, " · "))
}

// barriers are what keeps people out of the page as it is now: the findings that are serious or critical. The source
// goes in through the browser, so the policy of the page against foreign scripts stays as it is.
func (p *page) barriers() []finding {
	p.Helper()
	source, err := axe()
	if err != nil {
		p.Fatal(err)
	}
	return run(p, chromedp.Evaluate[[]finding](source+`;
		axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.
			filter(v => v.impact === "serious" || v.impact === "critical").
			map(v => ({ID: v.id, Impact: v.impact, Help: v.help, Targets: v.nodes.slice(0, 5).map(n => n.target.join(" ") + " " + n.html.slice(0, 200))})))`,
		chromedp.EvalAwaitPromise))
}

// wantOpenToAll checks the page for barriers in light and dark, in a window and on a phone, where nothing may need
// scrolling sideways.
func (p *page) wantOpenToAll() {
	p.Helper()
	for _, width := range []int64{1200, 360} {
		p.width(width)
		for _, scheme := range []string{"light", "dark"} {
			p.scheme(scheme)
			for _, barrier := range p.barriers() {
				p.Errorf("%s, %s, %d pixels wide: %s", p.path(), scheme, width, barrier)
			}
		}
		if over := run(p, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); over > 0 {
			p.Errorf("%s is %d pixels too wide for a window of %d", p.path(), over, width)
		}
	}
	p.width(1200)
	p.scheme("light")
}
