package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
)

// installPython makes a virtual environment with the pinned packages, unless it is there.
func (k *kit) installPython(ctx context.Context, l language) error {
	return k.once("python", "tools/clients/requirements.txt", func(folder, list string) error {
		_, err := k.shell(ctx, l, k.root, "python3 -m venv "+folder+" && "+
			folder+"/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement "+list)
		return err
	})
}

// installNPM installs the pinned packages of TypeScript, unless they are there. No script of theirs runs.
func (k *kit) installNPM(ctx context.Context, l language) error {
	return k.once("npm", "tools/clients/typescript/package-lock.json", func(folder, list string) error {
		_, err := k.shell(ctx, l, k.root, "mkdir -p "+folder+" && cp "+filepath.Dir(list)+"/package*.json "+folder+" && "+
			"npm ci --prefix "+folder+" --ignore-scripts --no-audit --no-fund")
		return err
	})
}

// once installs into a folder of the tools what a file lists. A copy of the list is kept there, since only equal bytes
// tell that nothing has changed.
func (k *kit) once(name, list string, install func(folder, list string) error) error {
	folder := filepath.Join(k.tools, name)
	wanted, err := os.ReadFile(filepath.Join(k.root, list))
	if err != nil {
		return err
	}
	stamp := filepath.Join(folder, ".installed")
	if installed, err := os.ReadFile(stamp); err == nil && bytes.Equal(installed, wanted) {
		return nil
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := install(folder, filepath.Join(k.root, list)); err != nil {
		return err
	}
	return os.WriteFile(stamp, wanted, 0o644)
}
