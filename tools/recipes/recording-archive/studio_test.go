package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
	"github.com/thebigclass/api/tools/recipes/internal/standin"
	"github.com/thebigclass/api/tools/recipes/internal/standin/s3"
)

const (
	event     = "evt_01HXZK5Q7R9S1T3V5W7X9Y1ZAA"
	recording = "rec_01HXZF1K3M5N7P9Q1R3S5T7V9W"
	key       = "org_01HXZK5Q7R9S1T3V5W7X9Y1Z3A/" + recording + "/recording.mp4"
	large     = 12 << 20 // three parts of 5 MB
	small     = 1 << 20
)

// studio is the recipe between a server with a recording, the API and a bucket. Each fault answers in place of its server
// until it returns false.
type studio struct {
	*recipetest.Kitchen
	bucket *s3.Bucket
	record recipetest.Record[s3.Object]
	film   []byte
	media  string // URL of the recording
	asked  atomic.Int64

	mediaFault, bucketFault atomic.Pointer[fault]
}

type fault func(w http.ResponseWriter, r *http.Request) (answered bool)

func newStudio(t *testing.T, size int) *studio {
	t.Helper()
	s := &studio{film: s3.Film(size), Kitchen: recipetest.New(t, recordingArchive, map[string]string{
		accessVariable: "standin", secretVariable: "standin-secret", bucketVariable: "archive", partVariable: "5", limitVariable: "1",
		nearVariable: "1", // the server with the recording is on this machine
	})}
	s.bucket = &s3.Bucket{
		Name: "archive", Keys: s3.Keys{Access: "standin", Secret: "standin-secret"}, Record: standin.NewRecord(&s.record),
		Now: time.Now, //nolint:forbidigo // the library under test signs with the machine's clock
	}
	media := s.serve(&s.mediaFault, func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.film))
	})
	s.media = media + "/class.mp4"
	s.Env[endpointVariable] = s.serve(&s.bucketFault, s.bucket.ServeHTTP)
	return s
}

func (s *studio) serve(broken *atomic.Pointer[fault], whole http.HandlerFunc) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := broken.Load(); f != nil && (*f)(w, r) {
			return
		}
		whole(w, r)
	}))
	s.Cleanup(server.Close)
	return server.URL
}

func (s *studio) event(changes map[string]any) []byte {
	data := map[string]any{
		"id": recording, "liveSessionId": "liv_1", "title": "Tatkar – द्रुत", "url": s.media, "sizeBytes": len(s.film), "mimeType": "video/mp4",
	}
	for name, value := range changes {
		data[name] = value
	}
	return recipetest.Event(event, "recording.ready", data)
}

// says waits for a part of what status prints.
func (s *studio) says(want string) {
	s.Helper()
	s.Await(func() (string, bool) {
		printed, _ := s.Run("status")
		return printed, strings.Contains(printed, want)
	}, want)
}

// wantArchived is what all attempts must have led to: the file once, whole, described, and nothing left behind.
func (s *studio) wantArchived() {
	s.Helper()
	s.WantStatus("1 done, 0 waiting, 0 failed")
	sum := sha256.Sum256(s.film)
	var m manifest
	if err := json.Unmarshal(s.bucket.Content(key+".json"), &m); err != nil {
		s.Fatalf("the description: %v", err)
	}
	if !bytes.Equal(s.bucket.Content(key), s.film) || m.SHA256 != hex.EncodeToString(sum[:]) || m.SizeBytes != int64(len(s.film)) || m.RecordingID != recording {
		s.Errorf("the bucket has %d bytes, described as %+v", len(s.bucket.Content(key)), m)
	}
	stored := 0
	for _, o := range s.record.All(s.T) {
		if o.Key == key {
			stored++
			if o.SHA256 != m.SHA256 || o.Checksum != m.Checksum && !s.bucket.NoChecksums || o.Metadata["sha256"] != m.SHA256 || o.Type != "video/mp4" {
				s.Errorf("stored as %+v", o)
			}
		}
	}
	left, err := filepath.Glob(filepath.Join(s.Folder, "files", "*"))
	if stored != 1 || err != nil || len(left) != 0 || s.bucket.Pending() != 0 {
		s.Errorf("stored %d times, %d uploads pending, on the disk %v", stored, s.bucket.Pending(), left)
	}
}

// answer is a fault: an error of S3 for the requests that which picks.
func answer(status int, code string, which func(*http.Request) bool) *fault {
	f := fault(func(w http.ResponseWriter, r *http.Request) bool {
		if which(r) {
			_, _ = io.Copy(io.Discard, r.Body) // else a client that still sends sees a broken connection, and not the answer
			s3.Refuse(w, status, code, "words of the service")
			return true
		}
		return false
	})
	return &f
}

func puts(r *http.Request) bool  { return r.Method == http.MethodPut }
func part2(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" }

// dataOf is the object in an event.
func dataOf(t *testing.T, event []byte) []byte {
	t.Helper()
	var e struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	return e.Data
}
