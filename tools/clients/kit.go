package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// stepPatience is what one command may take: the first run of all fetches the generators.
const stepPatience = 8 * time.Minute

// A kit is the folders in which clients are made and checked.
type kit struct {
	root     string // the repository
	out      string // a folder for each language in it
	tools    string // generators and compilers, installed once for all folders
	contract string

	now      func() time.Time
	printing sync.Mutex
	progress io.Writer
	install  [2]sync.Once // of Python's tools and of npm's
	failed   [2]error
}

// build makes and checks the clients, two at a time, since each keeps a core busy.
func (k *kit) build(ctx context.Context, list []language) []*row {
	rows := make([]*row, len(list))
	slots := make(chan struct{}, max(2, runtime.NumCPU()/2))
	var wait sync.WaitGroup
	for i, l := range list {
		rows[i] = &row{language: l}
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			k.buildOne(ctx, rows[i])
		})
	}
	wait.Wait()
	return rows
}

// buildOne fills the first two cells of a row.
func (k *kit) buildOne(ctx context.Context, r *row) {
	ready := k.prepare(ctx, r.language)
	k.step(&r.generated, r.language.name+" is generated", func() error {
		if ready != nil {
			return ready
		}
		_, err := k.shell(ctx, r.language, k.root, r.language.command(k.contract, k.folder(r.language)))
		return err
	})
	if r.generated.verdict != yes {
		return
	}
	k.step(&r.compiles, r.language.name+" is compiled or type-checked", func() error {
		_, err := k.shell(ctx, r.language, k.folder(r.language), r.language.check)
		return err
	})
}

// step runs one cell of the table and tells how it ended.
func (k *kit) step(c *cell, what string, do func() error) {
	begun := k.now()
	c.fault = do()
	c.took = k.now().Sub(begun)
	c.verdict = yes
	if c.fault != nil {
		c.verdict = no
	}
	k.printing.Lock()
	defer k.printing.Unlock()
	fmt.Fprintf(k.progress, "%s: %s, %.1f s\n", what, c.verdict, c.took.Seconds())
}

// folder is where the client of a language is made.
func (k *kit) folder(l language) string { return filepath.Join(k.out, l.folder) }

// prepare makes the folder of a client anew, with what belongs to it, and installs what it needs.
func (k *kit) prepare(ctx context.Context, l language) error {
	for _, n := range l.needs {
		if _, err := k.shell(ctx, l, k.root, n.test); err != nil {
			return fmt.Errorf("%s is not installed (Debian and Ubuntu: sudo apt-get install %s)", n.debian, n.debian)
		}
	}
	folder := k.folder(l)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if l.tools == "" {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		return errors.Join(k.signedExample(folder), k.writeOverlay(folder))
	}
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(k.root, "tools/clients", l.folder))); err != nil {
		return err
	}
	if l.tools == "npm" {
		k.install[1].Do(func() { k.failed[1] = k.installNPM(ctx, l) })
		modules := os.Symlink(filepath.Join(k.tools, "npm/node_modules"), filepath.Join(folder, "node_modules"))
		return errors.Join(k.failed[1], modules, k.signedExample(folder))
	}
	k.install[0].Do(func() { k.failed[0] = k.installPython(ctx, l) })
	return errors.Join(k.failed[0], k.signedExample(folder))
}

// writeOverlay lets the go command see the client that is made here in place of gen/client. oapi-codegen writes where its
// configuration says, and nowhere else.
func (k *kit) writeOverlay(folder string) error {
	const committed = "gen/client/client.gen.go"
	config, err := os.ReadFile(filepath.Join(k.root, "tools/contractgen/client.oapi.yaml"))
	if err != nil {
		return err
	}
	made := filepath.Join(folder, "client.gen.go")
	text := strings.Replace(string(config), "output: "+committed, "output: "+made, 1)
	overlay := fmt.Sprintf(`{"Replace": {%q: %q}}`, filepath.Join(k.root, committed), made)
	return errors.Join(os.WriteFile(filepath.Join(folder, "oapi.yaml"), []byte(text), 0o644),
		os.WriteFile(filepath.Join(folder, "overlay.json"), []byte(overlay), 0o644))
}
