package main

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
)

// A redirect that is refused, and a file over the limit, are put aside without the address, which may be a secret.
func TestRecordingArchive_WhatMayNotBeFetchedIsPutAside(t *testing.T) {
	t.Parallel()
	loop := fault(func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "/again?signature=secret", http.StatusFound)
		return true
	})
	for want, changes := range map[string]map[string]any{
		"is not https, see ARCHIVE_ALLOW_HTTP":   {"url": "http://192.0.2.1/a.mp4?signature=secret"},
		"leads from one to another without end":  {},
		"larger than the 1 GB of ARCHIVE_MAX_GB": {"sizeBytes": 2 << 30},
		"cannot be used as names":                {"id": "../../etc"},
	} {
		s := newStudio(t, small)
		s.mediaFault.Store(&loop)
		s.Start()
		s.Deliver(s.event(changes))
		s.WantStatus("0 done, 0 waiting, 1 failed")
		if printed, _ := s.Run("status"); !strings.Contains(printed, want) || strings.Contains(printed, "signature") {
			t.Errorf("status prints %s, want %s", printed, want)
		}
	}
}

// The limit holds for what comes, not only for what was announced.
func TestDownloader_StopsAtTheLimit(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	endless := fault(func(w http.ResponseWriter, _ *http.Request) bool {
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return true
			}
		}
	})
	s.mediaFault.Store(&endless)
	d := newDownloader(&http.Client{}, reach{near: true})
	d.folder, d.limit = t.TempDir(), small
	if _, err := d.receive(t.Context(), client.Recording{URL: s.media}, partial{path: d.folder + "/a", tag: d.folder + "/b"}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}

// Three parts and the checksum that Amazon S3 was seen to make of them.
func TestDigest_ChecksumOfPartsIsAmazons(t *testing.T) {
	t.Parallel()
	var d digest
	for _, text := range []string{
		"lcKa6Boe7a167tUCN5C4OaFygGSYD8MBnBARTrdL+1w=", "gHjhbUT4oo2tSCtSZJdlKi+jeNXJT+VImqdPXsXvkOc=", "4l9PQ3zOPZ0oGFvknFX+J4zZwE4WMzO+l3r8XrbWOeM=",
	} {
		sum, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		d.parts = append(d.parts, [32]byte(sum))
	}
	if got := d.checksum(); got != "rVWtNbadtsaKXJAcgWPWjifHzJaXde/iV4jaJAOdivc=-3" {
		t.Error(got)
	}
}

func TestRecordingArchive_FaultsAreToldAtTheStart(t *testing.T) {
	t.Parallel()
	k := recipetest.New(t, recordingArchive, map[string]string{
		endpointVariable: "http://storage.example.com", partVariable: "4", limitVariable: "none", secretVariable: "secret",
	})
	printed, code := k.Run()
	for _, want := range []string{
		accessVariable + " is not set", bucketVariable + " is not set", endpointVariable + " is plain http",
		partVariable + " is under", limitVariable + " is not a number",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not told: %s", want, printed)
		}
	}
	if code != 2 {
		t.Errorf("ends with %d", code)
	}
}
