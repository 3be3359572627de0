package receivers_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestNode_ReceivesAsAllDo(t *testing.T) {
	t.Parallel()
	node := prepare(t, "node", "node", "npm")
	// Express 4 is under another name beside Express 5, for the tests alone.
	const quoted = "from 'express'"
	five := read(t, "node/express.mjs")
	if !strings.Contains(five, quoted) {
		t.Fatalf("express.mjs does not import %s", quoted)
	}
	write(t, filepath.Join(node.folder, "express4.mjs"), strings.Replace(five, quoted, "from 'express4'", 1))
	node.holds(t, map[string]server{
		"node:http": node.server("PORT=0", "node", "server.mjs"),
		"Express 5": node.server("PORT=0", "node", "express.mjs"),
		"Express 4": node.server("PORT=0", "node", "express4.mjs"),
	})
}

func TestPython_ReceivesAsAllDo(t *testing.T) {
	t.Parallel()
	python := prepare(t, "python", "python3")
	python.holds(t, map[string]server{
		"http.server": python.server("PORT=0", "venv/bin/python", "server.py"),
		"Flask":       python.server("", "venv/bin/flask", "--app", "flask_app", "run", "--port", "0"),
		"ASGI":        python.server("", "venv/bin/uvicorn", "asgi:app", "--port", "0"),
	})
}

func TestGo_ReceivesAsAllDo(t *testing.T) {
	t.Parallel()
	language := language{name: "go", folder: absolute(t, "go"), readme: blocks(t, "go/README.md")}
	binary := build(t, "./go")
	receiver := language.server("PORT=0", binary)
	receiver.hurries = true
	language.holds(t, map[string]server{"net/http": receiver})
}

func TestPHP_ReceivesAsAllDo(t *testing.T) {
	t.Parallel()
	php := prepare(t, "php", "php")
	php.holds(t, map[string]server{"php -S": {asks: true, start: php.servePHP}})
}

// servePHP starts index.php with display_errors on, as it is without a php.ini: a script that throws then answers 200
// unless it prevents that.
func (l language) servePHP(t *testing.T, folder, secret string) *process {
	t.Helper()
	return l.servePHPWith(t, folder, secret, "display_errors=1")
}

func (l language) servePHPWith(t *testing.T, folder, secret, setting string) *process {
	t.Helper()
	command := []string{"php", "-n", "-d", setting, "-S", freeAddress(t), "index.php"}
	return l.server("PHP_CLI_SERVER_WORKERS=4", command...).start(t, folder, secret)
}

// PHP's functions warn and go on, and some errors cannot be caught. Neither may pass for work that was done.
func TestPHP_WorkThatWarnsOrDiesHasFailed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ setting, work string }{
		"warns": {"display_errors=0", "file_put_contents('/nowhere/at/all', 'x');"},
		"dies":  {"display_errors=1", "ini_set('memory_limit', '4M'); str_repeat('x', 100_000_000);"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			php := prepare(t, "php", "php")
			write(t, filepath.Join(php.folder, "work.php"), "<?php function work(array $event): void { "+c.work+" }")
			p := php.servePHPWith(t, t.TempDir(), ours, c.setting)
			p.await(t)
			p.want(t, "an event", delivery{body: event("evt_1"), header: sign(t, event("evt_1"), 0, ours)}, 500)
		})
	}
}

// holds runs the language's own tests, tries what its README tells a newcomer to type, and holds its servers to what
// all do.
func (l language) holds(t *testing.T, servers map[string]server) {
	t.Helper()
	t.Run("its own tests", func(t *testing.T) {
		t.Parallel()
		l.runOwnTests(t)
	})
	t.Run("its README", func(t *testing.T) {
		t.Parallel()
		l.followReadme(t)
	})
	for name, s := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conform(t, s)
		})
	}
}

// server is one that a command in the language's folder starts. setting is one more environment variable.
func (l language) server(setting string, command ...string) server {
	return server{start: func(t *testing.T, folder, secret string) *process {
		t.Helper()
		program := command[0]
		if strings.Contains(program, "/") && !filepath.IsAbs(program) {
			program = filepath.Join(l.folder, program)
		}
		cmd := exec.CommandContext(t.Context(), program, command[1:]...)
		cmd.Dir, cmd.Env = l.folder, append(environment(), "TBC_DATA="+folder, "TBC_WEBHOOK_SECRET="+secret, setting)
		return run(t, cmd)
	}}
}

func build(t *testing.T, pkg string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, pkg).CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v: %s", pkg, err, output)
	}
	return binary
}
