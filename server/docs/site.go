package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Policy lets a page load what lies beside it, and nothing else.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// A Site serves the documentation under /docs/, and llms.txt at the root too.
type Site struct {
	files func() (map[string]*file, error)
}

// A file is what is sent under one name, as it is and compressed. Each form has a tag of its own, as strong tags must.
type file struct {
	media         string
	plain, packed form
}

type form struct {
	body []byte
	tag  string
}

// NewSite makes a site whose code calls origin. The pages are made ready when the first of them is asked for: most
// processes never are.
func NewSite(origin string) *Site {
	return &Site{files: sync.OnceValues(func() (map[string]*file, error) {
		folder, err := Folder(origin, origin+"/docs/")
		if err != nil {
			return nil, err
		}
		files := map[string]*file{}
		for name, content := range folder {
			packed, err := pack(content)
			if err != nil {
				return nil, err
			}
			files[name] = &file{media: mediaOf(name), plain: formOf(content), packed: formOf(packed)}
		}
		return files, addExplorer(files)
	})}
}

// Serve answers GET and HEAD. Who calls it sets the headers that guard a page.
func (s *Site) Serve(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == "/docs" || r.URL.Path == "/docs/explorer" {
		http.Redirect(w, r, r.URL.Path+"/", http.StatusPermanentRedirect)
		return nil
	}
	files, err := s.files()
	if err != nil {
		return err
	}
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/docs/"), "/")
	if name == "" || name == explorerFolder {
		name += "index.html"
	}
	status, found := http.StatusOK, files[name]
	if found == nil || name == notFound {
		status, found = http.StatusNotFound, files[notFound]
	}
	return found.send(w, r, status)
}

// send answers with the form that the client takes, or with 304 if it has it.
func (f *file) send(w http.ResponseWriter, r *http.Request, status int) error {
	header := w.Header()
	header.Set("Vary", "Accept-Encoding")
	header.Set("Cache-Control", "no-cache") // kept, but asked for again: a new release shows at once
	as := f.plain
	packed := takesGzip(r.Header.Get("Accept-Encoding"))
	if packed {
		as = f.packed
	}
	if status == http.StatusOK {
		header.Set("ETag", as.tag)
		if has(r.Header.Get("If-None-Match"), as.tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	if packed {
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Type", f.media)
	header.Set("Content-Length", strconv.Itoa(len(as.body)))
	w.WriteHeader(status)
	_, err := w.Write(as.body)
	return err
}

// has reports whether a list of tags has one. A weak tag will do, since only the body's sameness matters here.
func has(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.TrimPrefix(strings.TrimSpace(one), "W/") == tag {
			return true
		}
	}
	return false
}

// takesGzip reads Accept-Encoding: gzip named and not refused by a weight of zero.
func takesGzip(accepts string) bool {
	for one := range strings.SplitSeq(accepts, ",") {
		coding, weight, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		number, weighted := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		value, err := strconv.ParseFloat(number, 64)
		return !weighted || err == nil && value > 0
	}
	return false
}

func formOf(body []byte) form {
	sum := sha256.Sum256(body)
	return form{body, `"` + hex.EncodeToString(sum[:16]) + `"`}
}

func pack(content []byte) ([]byte, error) {
	var out bytes.Buffer
	packer, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := packer.Write(content); err != nil {
		return nil, err
	}
	if err := packer.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// media are the types of all that is served, by the ending of its name. The machine's own table may differ.
var media = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".md": "text/markdown; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".yaml": "application/yaml",
}

func mediaOf(name string) string {
	if found := media[path.Ext(name)]; found != "" {
		return found
	}
	return "application/octet-stream"
}
