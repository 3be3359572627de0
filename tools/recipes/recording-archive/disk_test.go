package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// left is what there is on the disk, by name.
func (s *studio) left() (names []string) {
	s.Helper()
	entries, err := os.ReadDir(filepath.Join(s.Folder, "files"))
	if err != nil {
		s.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func (s *studio) leave(name, text string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.Folder, "files", name), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

// other is the event of another recording.
func (s *studio) other() []byte {
	return []byte(strings.NewReplacer(event, event[:len(event)-1]+"B", recording, recording[:len(recording)-1]+"B").Replace(string(s.event(nil))))
}

// However many recordings wait for the bucket, or were refused by it for good, the disk has one of them. The notes of
// uploads stay: without them nobody would remove the parts.
func TestRecordingArchive_TheDiskHasOneFile(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{"AccessDenied": 403, "InvalidRequest": 400} {
		s := newStudio(t, small)
		s.bucketFault.Store(answer(status, code, puts))
		s.Start()
		s.leave("rec_Z.part", "cut")
		s.leave("rec_Z.upload", "upload-1")
		s.Deliver(s.event(nil))
		s.says(code)
		s.Deliver(s.other())
		s.Await(func() (string, bool) {
			printed, _ := s.Run("status")
			return printed, strings.Count(printed, code) == 2
		}, "both are refused")
		if got := strings.Join(s.left(), " "); got != recording[:len(recording)-1]+"B rec_Z.upload" {
			t.Errorf("%s: on the disk are %s", code, got)
		}
		s.bucketFault.Store(nil)
		s.Advance(time.Minute)
		s.Run("retry")
		s.WantStatus("2 done, 0 waiting, 0 failed")
		if got := strings.Join(s.left(), " "); got != "rec_Z.upload" {
			t.Errorf("%s: in the end on the disk are %s", code, got)
		}
	}
}

// A kill after the description and before the file was removed leaves it to the next attempt.
func TestRecordingArchive_WhatIsArchivedLeavesTheDisk(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	s.Start()
	s.Deliver(s.event(nil))
	s.wantArchived()
	for _, suffix := range []string{"", ".part", ".etag", ".upload"} {
		s.leave(recording+suffix, "upload-1")
	}
	s.Deliver([]byte(strings.Replace(string(s.event(nil)), event, event[:len(event)-1]+"B", 1)))
	s.WantStatus("2 done, 0 waiting, 0 failed")
	if got := s.left(); len(got) != 0 {
		t.Errorf("on the disk are %s", got)
	}
}
