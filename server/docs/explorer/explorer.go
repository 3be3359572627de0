// Package explorer holds the files of the interactive viewer of the contract: Swagger UI, unchanged, in a page of our
// own that calls the server it came from and no other.
package explorer

import (
	"embed"
	"io/fs"
)

//go:embed page dist/*.gz dist/*.txt
var files embed.FS

// Files returns what the viewer is made of, by name; the page is index.html. What is kept compressed has .gz after its
// name. The page's links lead up to the reference, and further up to openapi.json and api/v1 of the server.
func Files() (map[string][]byte, error) {
	all := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		all[entry.Name()], err = files.ReadFile(path)
		return err
	})
	return all, err
}
