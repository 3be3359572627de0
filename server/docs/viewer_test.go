package docs

import (
	"compress/gzip"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var linked = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// The page and all that it loads are of this server: a browser that follows it meets no other host.
func TestExplorer_LoadsFilesOfItsOwnAlone(t *testing.T) {
	t.Parallel()
	loaded := 0
	for _, link := range linked.FindAllStringSubmatch(text(t, ask(t, "/docs/explorer/").Body), -1) {
		switch target := link[1]; {
		case target == "../index.html" || target == "data:,":
		case strings.ContainsAny(target, ":/"):
			t.Errorf("the page names %s", target)
		default:
			if status := ask(t, "/docs/explorer/"+target).Code; status != http.StatusOK {
				t.Errorf("%s, which the page names, answers %d", target, status)
			}
			loaded++
		}
	}
	if loaded != 7 {
		t.Errorf("the page names %d files of its own, want two styles, two scripts and three texts", loaded)
	}
	for name, foreign := range map[string]string{
		"explorer.css": `@import|url\(`, "swagger-ui.css": `@import|url\((?:[^"d]|"[^d])`, "explorer.js": `https?://|//[a-z]+\.`,
	} {
		if found := regexp.MustCompile(foreign).FindString(text(t, ask(t, "/docs/explorer/"+name).Body)); found != "" {
			t.Errorf("%s has %s", name, found)
		}
	}
}

// Whatever the viewer's code would like to do, the browser lets it run no other script and call no other host.
func TestPolicy_NamesNoOtherHostAndNothingInline(t *testing.T) {
	t.Parallel()
	for directive := range strings.SplitSeq(Policy, "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		for source := range strings.FieldsSeq(sources) {
			if source != "'none'" && source != "'self'" && (source != "data:" || name != "img-src") {
				t.Errorf("%s allows %s", name, source)
			}
		}
	}
	if !strings.HasPrefix(Policy, "default-src 'none'; ") {
		t.Errorf("what the policy does not name is allowed: %s", Policy)
	}
}

// Both forms of a file are the same text, also where one of them is kept in the repository.
func TestExplorer_FilesAreKeptByTheirTagInBothForms(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "explorer.js", "swagger-ui-bundle.js", "swagger-ui.css"} {
		plain := ask(t, "/docs/explorer/"+name)
		packed := ask(t, "/docs/explorer/"+name, "Accept-Encoding", "br, gzip")
		tag := packed.Header().Get("ETag")
		if tag == "" || tag == plain.Header().Get("ETag") || packed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%q is sent with %v", name, packed.Header())
		}
		reader, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if text(t, reader) != text(t, plain.Body) {
			t.Errorf("the two forms of %q differ", name)
		}
		if again := ask(t, "/docs/explorer/"+name, "Accept-Encoding", "gzip", "If-None-Match", tag); again.Code != http.StatusNotModified {
			t.Errorf("%q asked for again answers %d", name, again.Code)
		}
	}
}

func TestExplorer_IsAFolderAndNothingMore(t *testing.T) {
	t.Parallel()
	if moved := ask(t, "/docs/explorer"); moved.Code != 308 || moved.Header().Get("Location") != "/docs/explorer/" {
		t.Errorf("/docs/explorer answers %d to %q", moved.Code, moved.Header().Get("Location"))
	}
	for _, name := range []string{"README.md", "swagger-ui.css.map", "swagger-ui.css.gz", "dist/LICENSE.txt", "../viewer.go"} {
		if status := ask(t, "/docs/explorer/"+name).Code; status != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", name, status)
		}
	}
}

// What is served is the version that make explorer would fetch.
func TestExplorer_HasThePinnedVersion(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	pin := regexp.MustCompile(`(?m)^SWAGGER_UI +:= (\S+)$`).FindSubmatch(makefile)
	if pin == nil {
		t.Fatal("the Makefile pins no SWAGGER_UI")
	}
	if !strings.Contains(text(t, ask(t, "/docs/explorer/swagger-ui-bundle.js").Body), `PACKAGE_VERSION:"`+string(pin[1])+`"`) {
		t.Errorf("the bundle is not version %s", pin[1])
	}
}
