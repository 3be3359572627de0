package main

import (
	"path/filepath"
	"runtime"
	"testing"
)

const megabyte = 1 << 20

// What an export holds in memory does not grow with the number of rows: ten times as many need no more, within what a
// page and the buffers of a format take. It runs alone, since it looks at the memory of the whole process.
func TestExport_MemoryIsFlat(t *testing.T) {
	for _, format := range []string{jsonlFormat, csvFormat} { // the bench looks at SQLite's, from outside
		few, many := peak(t, format, 2_000), peak(t, format, 20_000)
		t.Logf("%s: %d kB with 2,000 rows, %d kB with 20,000", format, few>>10, many>>10)
		if many > few+4*megabyte || many > 24*megabyte {
			t.Errorf("%s: %d kB with 2,000 rows grow to %d kB with 20,000", format, few>>10, many>>10)
		}
	}
}

// peak is by how much the heap grew, at most, while so many rows were exported.
func peak(t *testing.T, format string, rows int) (most int64) {
	m := misbehave(t)
	m.fill(studentsName, rows)
	before := live()
	operations := 0
	_, err := m.export(filepath.Join(t.TempDir(), "out"), format, func(string, string) error {
		if operations++; operations%10 == 0 {
			most = max(most, live()-before)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	runtime.KeepAlive(m)
	return most
}

// live is what the heap holds, garbage left out.
func live() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
