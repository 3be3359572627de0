package main

import (
	"os"
	"path/filepath"

	"github.com/thebigclass/api/tools/contractgen/docs"
)

// addPages renders the documentation into outputs.
func addPages(c *contract, in inputs, outputs map[string][]byte) error {
	files, err := docs.Render(docs.Source{Contract: c.root, Guides: os.DirFS(in.guides), GuidesAt: in.guides})
	if err != nil {
		return err
	}
	for name, content := range files {
		outputs[filepath.Join(in.docs, name)] = content
	}
	return nil
}
