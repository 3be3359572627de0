package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

// A recording is copied once, in one piece or in parts, however often and under whatever event it is announced.
func TestRecordingArchive_ARecordingIsCopiedOnce(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, small, 5 << 20, large} {
		s := newStudio(t, size)
		s.Start()
		s.Deliver(s.event(nil))
		s.Deliver(s.event(nil))
		s.wantArchived()
		s.Stop()
		s.Start()
		s.Deliver(bytes.Replace(s.event(nil), []byte(event), []byte(event[:len(event)-1]+"B"), 1))
		s.WantStatus("2 done, 0 waiting, 0 failed")
		if list := s.record.All(t); len(list) != 2 || s.asked.Load() != 1 {
			t.Errorf("%d objects were stored, and the file was downloaded %d times", len(list), s.asked.Load())
		}
	}
}

// A download that was cut goes on where it stopped, also after a restart.
func TestRecordingArchive_ACutDownloadGoesOn(t *testing.T) {
	t.Parallel()
	s := newStudio(t, large)
	cut := fault(func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("ETag", `"one"`)
		w.Header().Set("Content-Length", fmt.Sprint(large))
		_, _ = w.Write(s.film[:large/2])
		panic(http.ErrAbortHandler)
	})
	s.mediaFault.Store(&cut)
	s.Start()
	s.Deliver(s.event(nil))
	s.says("the download broke off after 6291456 bytes")
	s.Stop()
	var asked atomic.Pointer[string]
	watched := fault(func(_ http.ResponseWriter, r *http.Request) bool {
		said := r.Header.Get("Range") + " " + r.Header.Get("If-Range")
		asked.Store(&said)
		return false
	})
	s.mediaFault.Store(&watched)
	s.Start()
	s.Advance(time.Minute)
	s.wantArchived()
	if *asked.Load() != `bytes=6291456- "one"` {
		t.Errorf("asked for %s", *asked.Load())
	}
}

// Half of one file and half of another are no file.
func TestRecordingArchive_AFileThatChangedIsDownloadedAnew(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	s.Start() // makes the folder
	s.Stop()
	for name, text := range map[string]string{".part": "of another file", ".etag": `"another"`} {
		if err := os.WriteFile(filepath.Join(s.Folder, "files", recording+name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Start()
	s.Deliver(s.event(nil))
	s.wantArchived()
}

// A size that the API does not confirm is no recording: nothing reaches the bucket.
func TestRecordingArchive_AnotherSizeThanAnnouncedIsNotArchived(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	s.Start()
	s.Deliver(s.event(map[string]any{"sizeBytes": small + 1}))
	s.says("the file has 1048576 bytes and should have 1048577")
	if list := s.record.All(t); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// A bucket that is busy, or whose keys somebody must mend, is asked again. Nothing is downloaded twice for that.
func TestRecordingArchive_ABusyBucketIsWaitedFor(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{"SlowDown": 503, "SignatureDoesNotMatch": 403, "AccessDenied": 403, "BadDigest": 400} {
		s := newStudio(t, small)
		s.bucketFault.Store(answer(status, code, puts))
		s.Start()
		s.Deliver(s.event(nil))
		s.says(fmt.Sprintf("the bucket answers %d %s: words of the service", status, code))
		s.WantStatus("0 done, 1 waiting, 0 failed")
		s.bucketFault.Store(nil)
		s.Advance(time.Minute)
		s.wantArchived()
		if s.asked.Load() != 1 {
			t.Errorf("%s: downloaded %d times", code, s.asked.Load())
		}
	}
}

// A wrong secret is told by the bucket itself, and shown nowhere.
func TestRecordingArchive_AWrongSecretIsTold(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	s.Env[secretVariable] = "not-the-secret"
	s.Start()
	s.Deliver(s.event(nil))
	s.says("the bucket answers 403 SignatureDoesNotMatch")
	if printed, _ := s.Run("status"); strings.Contains(printed, "not-the-secret") || s.asked.Load() != 0 {
		t.Errorf("downloaded %d times, and status prints %s", s.asked.Load(), printed)
	}
	s.Stop()
	s.Env[secretVariable] = "standin-secret"
	s.Start()
	s.Advance(time.Minute)
	s.wantArchived()
}

// A bucket that does not exist is a person's business, and needs no download to be found out.
func TestRecordingArchive_AMissingBucketIsPutAside(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	s.Env[bucketVariable] = "elsewhere"
	s.Start()
	s.Deliver(s.event(nil))
	s.WantStatus("0 done, 0 waiting, 1 failed")
	s.says("the bucket answers 404 NoSuchBucket")
	if s.asked.Load() != 0 {
		t.Error("downloaded for nothing")
	}
}

// An upload that failed half-way leaves nothing in the bucket that would be paid for.
func TestRecordingArchive_AFailedUploadIsRemoved(t *testing.T) {
	t.Parallel()
	s := newStudio(t, large)
	s.bucketFault.Store(answer(400, "IncompleteBody", part2))
	s.Start()
	s.Deliver(s.event(nil))
	s.says("IncompleteBody")
	if s.bucket.Pending() != 0 {
		t.Errorf("%d uploads are pending", s.bucket.Pending())
	}
	s.bucketFault.Store(nil)
	s.Advance(time.Minute)
	s.wantArchived()
}

// A kill in the middle of an upload leaves parts behind. The next start removes them and does not download again.
func TestRecordingArchive_AKilledUploadIsRemovedAtTheNextStart(t *testing.T) {
	t.Parallel()
	s := newStudio(t, large)
	uploading := make(chan bool, 10)
	hanging := fault(func(_ http.ResponseWriter, r *http.Request) bool {
		if part2(r) {
			_, _ = io.Copy(io.Discard, r.Body) // a server hears of a client's end only after that
			uploading <- true
			<-r.Context().Done()
		}
		return part2(r)
	})
	s.bucketFault.Store(&hanging)
	s.Start()
	s.Deliver(s.event(nil))
	<-uploading
	s.Stop()
	if s.bucket.Pending() != 1 {
		t.Fatalf("%d uploads are pending", s.bucket.Pending())
	}
	s.bucketFault.Store(nil)
	s.Start()
	s.wantArchived()
	if s.asked.Load() != 1 {
		t.Errorf("downloaded %d times", s.asked.Load())
	}
}

// A crash after the upload and before the description repeats neither.
func TestRecordingArchive_WhatIsInTheBucketIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newStudio(t, large)
	described := func(r *http.Request) bool { return puts(r) && strings.HasSuffix(r.URL.Path, ".json") }
	s.bucketFault.Store(answer(500, "InternalError", described))
	s.Start()
	s.Deliver(s.event(nil))
	s.says("500 InternalError")
	s.Stop()
	s.bucketFault.Store(nil)
	s.Start()
	s.Advance(time.Minute)
	s.wantArchived()
}

// What the bucket holds is compared with what was downloaded, whatever it said while taking it. A service that keeps no
// checksums is read back.
func TestRecordingArchive_ADamagedCopyIsNotDescribed(t *testing.T) {
	t.Parallel()
	for _, without := range []bool{false, true} {
		s := newStudio(t, small)
		s.bucket.NoChecksums = without
		damage := fault(func(w http.ResponseWriter, r *http.Request) bool {
			if !puts(r) {
				return false
			}
			s.bucket.ServeHTTP(w, r)
			s.bucket.Damage(key)
			return true
		})
		s.bucketFault.Store(&damage)
		s.Start()
		s.Deliver(s.event(nil))
		s.says("in the bucket is not what was downloaded")
		if s.bucket.Content(key+".json") != nil {
			t.Error("described")
		}
		s.bucketFault.Store(nil)
		s.Advance(time.Minute)
		s.WantStatus("1 done, 0 waiting, 0 failed")
		if !bytes.Equal(s.bucket.Content(key), s.film) || s.bucket.Content(key+".json") == nil {
			t.Error("not mended")
		}
	}
}

// An address that expired before its turn came is asked for anew; without a key, a person is.
func TestRecordingArchive_AnExpiredAddressIsAskedForAnew(t *testing.T) {
	t.Parallel()
	for _, expired := range []any{"2026-01-01T00:00:00Z", nil} { // known beforehand, or told by a 410
		s := newStudio(t, small)
		gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
		t.Cleanup(gone.Close)
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/v1/recordings/"+recording || r.Header.Get("Authorization") != "Bearer tbc_key" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			standin.JSON(w, http.StatusOK, map[string]any{"data": json.RawMessage(dataOf(t, s.event(nil)))})
		}))
		t.Cleanup(api.Close)
		s.Env["TBC_URL"] = api.URL
		s.Start()
		s.Deliver(s.event(map[string]any{"url": gone.URL + "/old?signature=secret", "urlExpiresAt": expired}))
		s.WantStatus("0 done, 0 waiting, 1 failed")
		s.says("TBC_KEY is not set")
		s.Stop()
		s.Env["TBC_KEY"] = "tbc_key"
		s.Start()
		s.Run("retry")
		s.wantArchived()
	}
}
