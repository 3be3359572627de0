package main

import (
	"os"
	"path/filepath"

	"github.com/thebigclass/api/tools/contractgen/docs"
	"github.com/thebigclass/api/tools/contractgen/samples"
)

// addPages renders the documentation into outputs.
func addPages(c *contract, in inputs, outputs map[string][]byte) error {
	client, err := os.ReadFile(in.client)
	if err != nil {
		return err
	}
	calls, err := samples.New(c.raw, client)
	if err != nil {
		return err
	}
	files, err := docs.Render(docs.Source{Contract: c.root, Guides: os.DirFS(in.guides), GuidesAt: in.guides, Samples: calls})
	if err != nil {
		return err
	}
	for name, content := range files {
		outputs[filepath.Join(in.docs, name)] = content
	}
	return nil
}
