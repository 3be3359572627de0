package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// excerptLines is how much of a command that failed is quoted, from the beginning and from the end.
const excerptLines = 8

// quickJava halves what Java takes: none of its programs here runs for long enough that optimising it pays.
const quickJava = "JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

// shell runs a line of sh in a folder and returns what it prints. What it complains of is in the error.
func (k *kit) shell(ctx context.Context, l language, folder, text string, env ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, stepPatience)
	defer cancel()
	text = strings.NewReplacer("FOLDER", k.folder(l), "ROOT", k.root).Replace(text)
	cmd := exec.CommandContext(ctx, "sh", "-euc", text)
	cmd.Dir, cmd.Env = folder, append(k.environment(), env...)
	// A group of its own: what a generator has started ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s\n%w\n%s", text, err, excerpt(errs.String()+"\n"+out.String()))
	}
	return out.String(), nil
}

// environment has the installed tools first in its path, and nothing that tells a server or a client what to do.
func (k *kit) environment() []string {
	env := []string{"PATH=" + strings.Join([]string{
		filepath.Join(k.tools, "python/bin"), filepath.Join(k.tools, "npm/node_modules/.bin"), os.Getenv("PATH"),
	}, string(os.PathListSeparator)), quickJava}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if name != "PATH" && name != "JAVA_TOOL_OPTIONS" && name != "DATABASE_URL" && !strings.HasPrefix(name, "TBC_") && !strings.HasPrefix(name, "MAKE") {
			env = append(env, variable)
		}
	}
	return env
}

// excerpt is the beginning and the end of a text: a script says first what is wrong, a compiler often last.
func excerpt(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) <= 2*excerptLines {
		return strings.Join(lines, "\n")
	}
	return strings.Join(lines[:excerptLines], "\n") + "\n…\n" + strings.Join(lines[len(lines)-excerptLines:], "\n")
}
