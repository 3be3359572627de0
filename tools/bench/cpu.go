package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTick is the unit of processor times in /proc on every Linux: USER_HZ is 100.
const clockTick = 10 * time.Millisecond

// processorTime is a line of /proc/PID/stat, as far as it is about processor time.
type processorTime struct {
	parent int
	own    time.Duration // user and system
	ended  time.Duration // of children that ended and were waited for
}

// parseStat reads such a line. The name of the program, in parentheses, may contain anything.
func parseStat(line string) (p processorTime, err error) {
	end := strings.LastIndexByte(line, ')')
	fields := strings.Fields(line[end+1:]) // from the third field on
	if end < 0 || len(fields) < 15 {
		return p, fmt.Errorf("no line of /proc/PID/stat: %q", line)
	}
	var numbers [5]int
	for i, field := range []string{fields[1], fields[11], fields[12], fields[13], fields[14]} {
		if numbers[i], err = strconv.Atoi(field); err != nil {
			return p, fmt.Errorf("/proc/PID/stat: %w", err)
		}
	}
	p.parent = numbers[0]
	p.own = time.Duration(numbers[1]+numbers[2]) * clockTick
	p.ended = time.Duration(numbers[3]+numbers[4]) * clockTick
	return p, nil
}

// processorTimeOf is what a process has used, with its children, those that ended included.
func processorTimeOf(pid int) (total time.Duration, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	found := false
	for _, file := range files {
		line, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) || err != nil && len(line) == 0 {
			continue // it ended meanwhile
		}
		p, err := parseStat(string(line))
		if err != nil {
			return 0, err
		}
		switch {
		case filepath.Base(filepath.Dir(file)) == strconv.Itoa(pid):
			found = true
			total += p.own + p.ended
		case p.parent == pid:
			total += p.own + p.ended
		}
	}
	if !found {
		return 0, fmt.Errorf("process %d has no line in /proc", pid)
	}
	return total, nil
}

// ownTime is what this process has used, without its children.
func ownTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0 // printed for the record only
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
