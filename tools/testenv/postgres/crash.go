package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// End ends the server as a fault would and returns once it is gone; Restart starts it again on the same port and
// data. SIGINT is a fast stop, SIGQUIT an immediate one, which leaves recovery to the next start, and SIGKILL takes
// the server and all its children without a word.
func (c *Cluster) End(ctx context.Context, signal syscall.Signal) error {
	if c.server == nil {
		return errors.New("end PostgreSQL: it does not run")
	}
	var children []int
	if signal == syscall.SIGKILL {
		children = childrenOf(c.server.Process.Pid) // before: orphans are nobody's children
	}
	if err := c.server.Process.Signal(signal); err != nil {
		return fmt.Errorf("end PostgreSQL: %w", err)
	}
	for _, pid := range children {
		_ = syscall.Kill(pid, signal) // one that has ended meanwhile is fine
	}
	select {
	case <-c.exited:
		c.server = nil
	case <-ctx.Done():
		return fmt.Errorf("end PostgreSQL: %w", ctx.Err())
	}
	return awaitEnd(ctx, children)
}

// childrenOf are the children of a process as Linux shows them; elsewhere none: PostgreSQL's then end by themselves
// when they find their parent gone.
func childrenOf(pid int) []int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var pids []int
	for _, field := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// awaitEnd waits for processes that are not ours to wait for: a server does not start on shared memory that one of
// its former life still holds.
func awaitEnd(ctx context.Context, pids []int) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for _, pid := range pids {
		for lives(pid) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("PostgreSQL's process %d does not end: %w", pid, ctx.Err())
			}
		}
	}
	return nil
}

// lives reports whether a process still runs. A zombie has ended, whoever has yet to collect it.
func lives(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}
