// Package docs serves the documentation that is rendered from the contract into gen/docs, and writes it as a folder
// that works wherever it is put.
package docs

import (
	"embed"
	"html"
	"io/fs"
	"strings"

	pages "github.com/thebigclass/api/gen/docs"
	"github.com/thebigclass/api/openapi"
)

// notFound is the page of unknown addresses. It belongs to a server: its links are absolute.
const notFound = "404.html"

// Origin is where the contract says that the service is.
const Origin = pages.Origin

// Folder returns the documentation by file name. The code on its pages calls origin, and llms.txt links to the pages below
// at: an address that ends in a slash, or "" for its own folder.
func Folder(origin, at string) (map[string][]byte, error) {
	files := map[string][]byte{"openapi.yaml": openapi.Bundle}
	if err := add(files, pages.Files, origin, at); err != nil {
		return nil, err
	}
	if at == "" {
		delete(files, notFound)
	}
	return files, nil
}

// add reads the pages and puts the addresses into them.
func add(files map[string][]byte, from embed.FS, origin, at string) error {
	return fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := from.ReadFile(name)
		if err != nil {
			return err
		}
		here := origin
		if strings.HasSuffix(name, ".html") {
			here = html.EscapeString(origin)
		}
		files[name] = []byte(strings.NewReplacer(pages.BaseURL, here, pages.Folder, at).Replace(string(content)))
		return nil
	})
}
