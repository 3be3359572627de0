package docs

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const origin = "http://127.0.0.1:8080"

// site is shared by the tests: making it ready compresses every page.
var site = NewSite(origin)

// ask sends a request with headers given as name and value.
func ask(t *testing.T, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	if err := site.Serve(recorder, request); err != nil {
		t.Fatal(err)
	}
	return recorder
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The address of the documentation is a folder, so that relative links on its first page work.
func TestSite_FolderAndUnknownPages(t *testing.T) {
	t.Parallel()
	if moved := ask(t, "/docs"); moved.Code != 308 || moved.Header().Get("Location") != "/docs/" {
		t.Errorf("/docs answers %d to %q", moved.Code, moved.Header().Get("Location"))
	}
	for target, want := range map[string]int{"/docs/": 200, "/docs/index.html": 200, "/docs/versioning.html": 200, "/docs/index.md": 200, "/llms.txt": 200,
		"/docs/llms.txt": 200, "/docs/openapi.yaml": 200, "/docs/docs.css": 200, "/docs/404.html": 404, "/docs/a/b": 404, "/docs/../go.mod": 404,
		"/docs/embed.gen.go": 404} {
		answer := ask(t, target)
		if answer.Code != want || answer.Header().Get("Content-Type") == "" {
			t.Errorf("%s answers %d as %q, want %d", target, answer.Code, answer.Header().Get("Content-Type"), want)
		}
		if want == 404 && !strings.Contains(text(t, answer.Body), `<link rel="stylesheet" href="/docs/docs.css">`) {
			t.Errorf("%s does not look like the other pages", target)
		}
	}
}

// A page travels compressed and, while it stays the same, once.
func TestSite_CompressedAndCached(t *testing.T) {
	t.Parallel()
	packed := ask(t, "/docs/", "Accept-Encoding", "br, gzip")
	reader, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("not compressed: %v %v", err, packed.Header())
	}
	plain := ask(t, "/docs/", "Accept-Encoding", "gzip;q=0")
	if plain.Header().Get("Content-Encoding") != "" || text(t, reader) != text(t, plain.Body) {
		t.Error("the two forms differ")
	}
	tag := packed.Header().Get("ETag")
	if tag == "" || tag == plain.Header().Get("ETag") || packed.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("the tags are %q and %q", tag, plain.Header().Get("ETag"))
	}
	for list, want := range map[string]int{tag: 304, `"other", W/` + tag: 304, `"other"`: 200, "": 200} {
		if again := ask(t, "/docs/", "Accept-Encoding", "gzip", "If-None-Match", list); again.Code != want {
			t.Errorf("If-None-Match: %s answers %d, want %d", list, again.Code, want)
		}
	}
}

// Code on a page runs against the server that shows it; what the contract says of servers stays.
func TestSite_CodeCallsTheServerThatShowsIt(t *testing.T) {
	t.Parallel()
	page := text(t, ask(t, "/docs/").Body)
	if !strings.Contains(page, "curl "+origin+"/api/v1/me") || strings.Contains(page, "curl https://thebigclass.com") || !strings.Contains(page, "<code>https://thebigclass.com/api/v1</code>") {
		t.Error("the code calls another server, or the contract's is gone")
	}
	short := text(t, ask(t, "/llms.txt").Body)
	if !strings.HasPrefix(short, "# The Big Class API\n\n> ") || !strings.Contains(short, "("+origin+"/docs/index.md)") {
		t.Errorf("llms.txt is %.600s", short)
	}
}
