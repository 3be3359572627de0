// Package explorer serves the interactive viewer of the contract: Swagger UI from files of our own, in a page that
// calls no other server.
package explorer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed page dist/*.gz dist/*.txt
var files embed.FS

// contentTypes by extension: the machine's own table may say otherwise.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
}

// contentSecurityPolicy lets the page load and call this server alone. Swagger UI sets styles through the DOM, which
// needs no 'unsafe-inline', and has a few pictures as data: in its style sheet.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// asset is a file in both of its forms.
type asset struct {
	contentType       string
	plain, compressed []byte
	tag               string // of the plain form, without quotes
}

// Handler serves the explorer below its own folder, which ends with a slash: "" is the page. Its links lead up to
// index.html of the docs, and to openapi.json and api/v1 of the server.
func Handler() (http.Handler, error) {
	assets := map[string]asset{}
	for _, folder := range []string{"page", "dist"} {
		entries, err := fs.ReadDir(files, folder)
		if err != nil {
			return nil, fmt.Errorf("read the explorer's files: %w", err)
		}
		for _, entry := range entries {
			made, err := newAsset(folder + "/" + entry.Name())
			if err != nil {
				return nil, fmt.Errorf("read the explorer's %s: %w", entry.Name(), err)
			}
			assets[strings.TrimSuffix(entry.Name(), ".gz")] = made
		}
	}
	assets[""] = assets["index.html"]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, ok := assets[strings.TrimPrefix(r.URL.Path, "/")]
		switch {
		case !ok:
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "GET and HEAD only", http.StatusMethodNotAllowed)
		default:
			found.serve(w, r)
		}
	}), nil
}

// newAsset reads a file in one form and makes the other.
func newAsset(name string) (made asset, err error) {
	stored, err := files.ReadFile(name)
	if err != nil {
		return asset{}, err
	}
	made.contentType = contentTypes[path.Ext(strings.TrimSuffix(name, ".gz"))]
	if path.Ext(name) == ".gz" {
		made.compressed = stored
		made.plain, err = unzip(stored)
	} else {
		made.plain = stored
		made.compressed, err = zip(stored)
	}
	sum := sha256.Sum256(made.plain)
	made.tag = base64.RawURLEncoding.EncodeToString(sum[:16])
	return made, err
}

func unzip(compressed []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func zip(plain []byte) ([]byte, error) {
	var compressed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(plain); err != nil {
		return nil, err
	}
	err = writer.Close()
	return compressed.Bytes(), err
}

// serve answers. What a browser has is asked for again each time and answered with 304.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "public, no-cache")
	header.Set("Vary", "Accept-Encoding")
	header.Set("Content-Type", a.contentType)
	body, tag := a.plain, a.tag
	if acceptsGzip(r.Header) {
		body, tag = a.compressed, a.tag+"-gzip"
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding as browsers write it. Where it is written otherwise, the plain form is right too.
func acceptsGzip(header http.Header) bool {
	for coding := range strings.SplitSeq(header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(coding) == "gzip" {
			return true
		}
	}
	return false
}
