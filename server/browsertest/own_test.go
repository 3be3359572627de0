package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// served is the origin of a server with one page.
func served(t *testing.T, html string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// What asks for another server is found, and does not reach it.
func TestPage_RecordsAndBlocksStrangers(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 1)
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	t.Cleanup(stranger.Close)
	byName := strings.Replace(stranger.URL, "127.0.0.1", "stranger.example", 1)
	p := open(t, served(t, `<img src="`+byName+`/x.png"><img src="https://192.0.2.1/y.png"><img src="/own.png">`))
	p.visit("/")
	want := []string{byName + "/x.png", "https://192.0.2.1/y.png"}
	if got := p.seen.strangers(); !slices.Equal(got, want) {
		t.Errorf("strangers %q, want %q", got, want)
	}
	if len(reached) > 0 {
		t.Error("a stranger was reached")
	}
}

func TestPage_RunsScriptsUnlessToldNotTo(t *testing.T) {
	t.Parallel()
	origin := served(t, `<p>plain</p><script>document.querySelector("p").innerText = "scripted"; console.warn("beware"); boom()</script>`)
	with, without := open(t, origin), open(t, origin).withoutScript()
	with.visit("/")
	without.visit("/")
	if got := with.text() + " " + without.text(); got != "scripted plain" {
		t.Errorf("the pages say %q", got)
	}
	if got := strings.Join(with.complaints("favicon"), "\n"); !strings.Contains(got, "beware") || !strings.Contains(got, "boom is not defined") {
		t.Errorf("the console says %q", got)
	}
}

// A finding of the checker is a failure in each of the four views, or the tests that find nothing prove nothing.
func TestPage_FindsBarriers(t *testing.T) {
	t.Parallel()
	p := open(t, served(t, `<!doctype html><html lang="en"><title>T</title><main><h1>H</h1><input><p style="color:#eee;background:#fff">pale</p></main>`))
	p.visit("/")
	var found []string
	for _, barrier := range p.barriers() {
		found = append(found, barrier.ID)
	}
	if !slices.Equal(found, []string{"color-contrast", "label"}) {
		t.Errorf("found %q", found)
	}
	good := open(t, served(t, `<!doctype html><html lang="en"><title>T</title><meta name="viewport" content="width=device-width"><main><h1>H</h1></main>`))
	good.visit("/")
	good.wantOpenToAll()
}

// Forms are filled by their labels, with and without script.
func TestPage_FillsForms(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*page) *page{"script": func(p *page) *page { return p }, "no script": (*page).withoutScript} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := prepare(open(t, served(t, `<form><label for=a>Name</label><input id=a name=a value=old>
				<label><input type=checkbox name=b>Agree</label><label>Kind <select name=c><option value=1>One<option value=2>Two</select></label>
				<button>Send it</button></form>`)))
			p.visit("/")
			p.fill("Name", "new & <b>")
			p.tick("Agree")
			p.pick("Kind", "Two")
			if got := p.value("Name"); got != "new & <b>" {
				t.Errorf("the field holds %q", got)
			}
			if status := p.follow("Send it"); status != 200 || p.path() != "/?a=new+%26+%3Cb%3E&b=on&c=2" {
				t.Errorf("status %d at %s", status, p.path())
			}
			p.back()
			if p.path() != "/" {
				t.Errorf("back at %s", p.path())
			}
			if p.reload() != 200 || !strings.Contains(p.html(), "Agree") || p.has(named("Burn it")) {
				t.Errorf("reloaded %s", p.html())
			}
			p.wantText("Agree", "Kind")
			p.wantNoStrangers()
		})
	}
}

// A page whose text is pushed down after it was shown has moved.
func TestPage_NoticesThatThingsMove(t *testing.T) {
	t.Parallel()
	p := open(t, served(t, `<div id=late></div><p>Read me</p><script>
		requestAnimationFrame(() => setTimeout(() => { late.style.height = "300px"; requestAnimationFrame(() => window.moved = true) }))</script>`))
	p.visit("/")
	p.do(chromedp.Poll[chromedp.Void](`window.moved`))
	if shift := p.shift(); shift <= 0 {
		t.Errorf("shifted by %g", shift)
	}
}
