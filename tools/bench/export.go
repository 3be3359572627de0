package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// exportPlan is the school that is exported. Its orders enrol, so there are as many enrollments too.
var exportPlan = plan{workspaces: 1, courses: 10, students: 100_000, orders: 100_000}

// exportScopes are all that an export can use.
const exportScopes = "read:analytics,read:certificates,read:courses,read:enrollments,read:events,read:live_sessions,read:orders,read:students,write:courses"

// exportFormats are measured, each once: an export is thousands of calls.
var exportFormats = []string{"jsonl", "csv", "sqlite"}

// memoryTick is how often the peak of a process's memory is read while it lives.
const memoryTick = 50 * time.Millisecond

// exportRows are what tbc-export must keep to, whatever it writes and whatever the server keeps its rows in.
func exportRows() (rows []row) {
	for _, kind := range []string{sqlite, postgres} {
		for _, format := range exportFormats {
			figure := "export of 100,000 students and 100,000 orders, " + format
			rows = append(rows,
				row{group: "export", id: format + " outside", database: kind, floor: 25, atMost: true, unit: " %",
					figure: figure + ": time outside waiting for the server"},
				row{group: "export", id: format + " memory", database: kind, floor: 100, atMost: true, unit: " MB", figure: figure + ": peak memory"},
				row{group: "export", id: format + " processor", database: kind, noFloor: true, unit: " %", figure: figure + ": processor time of the time it took"},
				row{group: "export", id: format + " time", database: kind, noFloor: true, unit: " s", figure: figure + ": time"})
		}
	}
	return rows
}

// exports measures tbc-export against a server that does nothing else.
func (b *bench) exports(ctx context.Context, kind string) (err error) {
	tool, err := b.build(ctx, "tbc-export", "./tools/tbc-export")
	if err != nil {
		return err
	}
	db, err := b.filled(ctx, kind, "export", exportPlan)
	if err != nil {
		return err
	}
	ids, err := b.workspaces(ctx, db)
	if err != nil {
		return err
	}
	token, err := b.key(ctx, db, ids[0], exportScopes)
	if err != nil {
		return err
	}
	server, _, err := b.serve(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	for _, format := range exportFormats {
		folder := filepath.Join(b.folder, kind+"-exported-"+format)
		cmd := exec.CommandContext(ctx, tool, "--format", format, folder)
		cmd.Env = []string{"HOME=" + b.folder, "TMPDIR=" + os.TempDir(), "TBC_URL=http://" + server.addr, "TBC_KEY=" + token}
		done, err := exported(cmd)
		if err := errors.Join(err, server.alive(), os.RemoveAll(folder)); err != nil {
			return fmt.Errorf("%s: %w", format, err)
		}
		b.progress("export %s %s: %.0f s, of which %.0f s waiting", kind, format, done.took, done.waited)
		b.results.add("export", format+" outside", kind, 100*(1-done.waited/done.took))
		b.results.add("export", format+" memory", kind, done.peakMB)
		b.results.add("export", format+" processor", kind, 100*done.processor/done.took)
		b.results.add("export", format+" time", kind, done.took)
	}
	return nil
}

// exportRun is one run of tbc-export. Its times are in seconds; took and waited are what it says itself.
type exportRun struct{ took, waited, processor, peakMB float64 }

// complete is the last line of tbc-export.
var complete = regexp.MustCompile(`complete, in ([0-9.]+) s, of which ([0-9.]+) s waiting for the service\n`)

// exported runs tbc-export to its end.
func exported(cmd *exec.Cmd) (done exportRun, err error) {
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return done, err
	}
	ended, peak := make(chan struct{}), make(chan float64)
	go func() { peak <- peakMB(cmd.Process.Pid, ended) }()
	err = cmd.Wait()
	close(ended)
	done.peakMB = <-peak
	if err != nil {
		return done, fmt.Errorf("tbc-export: %w: %s", err, lastLine(said.Bytes()))
	}
	done.processor = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	found := complete.FindSubmatch(said.Bytes())
	if found == nil || done.peakMB == 0 {
		return done, fmt.Errorf("tbc-export says neither how long it took nor waited, or its memory could not be read: %s", lastLine(said.Bytes()))
	}
	done.took, err = strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		return done, err
	}
	done.waited, err = strconv.ParseFloat(string(found[2]), 64)
	return done, err
}

// peakMB is the most resident memory that a process had until it ended. What the system tells of an ended one would
// have this program's own memory in it, from the moment between fork and exec.
func peakMB(pid int, ended <-chan struct{}) (peak float64) {
	tick := time.NewTicker(memoryTick)
	defer tick.Stop()
	for {
		if mb, err := memoryMB(pid, "VmHWM:"); err == nil {
			peak = max(peak, mb)
		}
		select {
		case <-ended:
			return peak
		case <-tick.C:
		}
	}
}
