package readme

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A session is one shell into which blocks are pasted one after the other. What a block sets, the next one has.
type session struct {
	stdin   io.Writer
	reports chan string // what the shell was asked to tell, line by line; closed once it has ended
	screen  *quiet
	above   int // how much was on the screen before this block
}

// shown is what the present block has printed.
func (s *session) shown() string { return strings.TrimSpace(s.screen.String()[s.above:]) }

// openSession opens a shell that knows no more than a key, and in which a variable that is not set is an error.
func openSession(t *testing.T, shell, key string) *session {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &session{reports: make(chan string, 100), screen: &quiet{}}
	cmd := exec.CommandContext(t.Context(), shell, "-u")
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = t.TempDir(), s.screen, s.screen, []*os.File{write}
	cmd.Env = append(newcomer(os.Environ()), "TBC_KEY="+key)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close() // the shell has its own
	s.stdin = stdin
	go func() {
		defer close(s.reports)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			s.reports <- lines.Text()
		}
		_ = cmd.Wait() // a shell that ended over an unset variable says so on the screen
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		for range s.reports {
			continue // until it has ended
		}
		_ = read.Close()
	})
	return s
}

// assignment finds the variables that a block sets.
var assignment = regexp.MustCompile(`(?m)^([A-Z_]+)=`)

// paste runs a block, and returns an error unless it succeeds and sets its variables to ids.
func (s *session) paste(block string) error {
	s.above = len(s.screen.String())
	if report, err := s.ask(block + "\nprintf '%s\\n' \"$?\" >&3\n"); err != nil || report != "0" {
		return errors.Join(err, fmt.Errorf("the block ends with %q: %s", report, s.shown()))
	}
	for _, found := range assignment.FindAllStringSubmatch(block, -1) {
		value, err := s.ask("printf '%s\\n' \"$" + found[1] + "\" >&3\n")
		if err != nil || !regexp.MustCompile(`^[a-z]{3}_[0-9A-Z]{26}$`).MatchString(value) {
			return errors.Join(err, fmt.Errorf("%s is %q, which is no id: %s", found[1], value, s.shown()))
		}
	}
	return nil
}

// ask types lines, the last of which reports something.
func (s *session) ask(lines string) (string, error) {
	if _, err := io.WriteString(s.stdin, lines); err != nil {
		return "", fmt.Errorf("the shell has ended: %w: %s", err, s.shown())
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case report, running := <-s.reports:
		if !running {
			return "", fmt.Errorf("the shell has ended: %s", s.shown())
		}
		return report, nil
	case <-timer.C:
		return "", errors.New("the shell does not come back")
	}
}
