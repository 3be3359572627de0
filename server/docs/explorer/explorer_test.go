package explorer_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/thebigclass/api/server/docs/explorer"
)

func handler(t *testing.T) http.Handler {
	t.Helper()
	made, err := explorer.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// ask makes a call with these headers, in pairs.
func ask(t *testing.T, served http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	served.ServeHTTP(recorder, request)
	return recorder
}

func text(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	return answer.Body.String()
}

var links = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// The page and all that it loads are of this server: a browser that follows it meets no other host.
func TestExplorer_LoadsFilesOfItsOwnAlone(t *testing.T) {
	t.Parallel()
	served := handler(t)
	loaded := 0
	for _, link := range links.FindAllStringSubmatch(text(t, ask(t, served, "GET", "/")), -1) {
		switch target := link[1]; {
		case target == "../index.html" || target == "data:,":
		case strings.ContainsAny(target, ":/"):
			t.Errorf("the page names %s", target)
		default:
			text(t, ask(t, served, "GET", "/"+target))
			loaded++
		}
	}
	if loaded != 7 {
		t.Errorf("the page names %d files of its own, want two styles, two scripts and three texts", loaded)
	}
	for _, style := range []string{"/explorer.css", "/swagger-ui.css"} {
		if found := regexp.MustCompile(`@import|url\((?:[^"d]|"[^d])`).FindString(text(t, ask(t, served, "GET", style))); found != "" {
			t.Errorf("%s loads %s", style, found)
		}
	}
	if found := regexp.MustCompile(`https?://`).FindString(text(t, ask(t, served, "GET", "/explorer.js"))); found != "" {
		t.Errorf("explorer.js names %s", found)
	}
}

// Whatever the viewer's code would like to do, the browser lets it run no other script and call no other host.
func TestExplorer_ThePolicyNamesNoOtherHostAndNothingInline(t *testing.T) {
	t.Parallel()
	policy := ask(t, handler(t), "GET", "/").Header().Get("Content-Security-Policy")
	for directive := range strings.SplitSeq(policy, "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		for source := range strings.FieldsSeq(sources) {
			if source != "'none'" && source != "'self'" && (source != "data:" || name != "img-src") {
				t.Errorf("%s allows %s", name, source)
			}
		}
	}
	for _, want := range []string{"default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %s", policy, want)
		}
	}
}

// Both forms of a file are the same text, and each has a tag that spares sending it again.
func TestExplorer_FilesAreCompressedAndKeptByTheirTag(t *testing.T) {
	t.Parallel()
	served := handler(t)
	for _, path := range []string{"/", "/explorer.js", "/swagger-ui-bundle.js", "/swagger-ui.css"} {
		plain, small := ask(t, served, "GET", path), ask(t, served, "GET", path, "Accept-Encoding", "br, gzip")
		tag, smallTag := plain.Header().Get("ETag"), small.Header().Get("ETag")
		if tag == "" || smallTag == "" || tag == smallTag || small.Header().Get("Content-Encoding") != "gzip" || small.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: tags %s and %s, headers %v", path, tag, smallTag, small.Header())
		}
		reader, err := gzip.NewReader(strings.NewReader(text(t, small)))
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(reader)
		if err != nil || string(unpacked) != text(t, plain) {
			t.Errorf("%s: the two forms differ: %v", path, err)
		}
		if again := ask(t, served, "GET", path, "Accept-Encoding", "gzip", "If-None-Match", smallTag); again.Code != http.StatusNotModified {
			t.Errorf("%s asked for again: status %d", path, again.Code)
		}
	}
}

func TestExplorer_AnswersNothingElse(t *testing.T) {
	t.Parallel()
	served := handler(t)
	for _, path := range []string{"/README.md", "/swagger-ui.css.map", "/dist/LICENSE.txt", "/../explorer.go"} {
		if status := ask(t, served, "GET", path).Code; status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, status)
		}
	}
	if status := ask(t, served, "POST", "/").Code; status != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d, want 405", status)
	}
}

// What is served is the version that make explorer would fetch.
func TestExplorer_HasThePinnedVersion(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	pin := regexp.MustCompile(`(?m)^SWAGGER_UI +:= (\S+)$`).FindSubmatch(makefile)
	if pin == nil {
		t.Fatal("the Makefile pins no SWAGGER_UI")
	}
	if !strings.Contains(text(t, ask(t, handler(t), "GET", "/swagger-ui-bundle.js")), `PACKAGE_VERSION:"`+string(pin[1])+`"`) {
		t.Errorf("the bundle is not version %s", pin[1])
	}
}
