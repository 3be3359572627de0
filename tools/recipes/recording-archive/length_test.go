package main

import (
	"net/http"
	"testing"
)

// A file without a length ends where its connection does. Whether that was the end is known by the announced size alone:
// without one, half a film would be archived with a checksum that is right.
func TestRecordingArchive_AFileWithoutAnEndIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size any
		sent int
		want string
	}{
		{nil, small / 2, "nobody tells how long the file is"},
		{small, small / 2, "the file has 524288 bytes and should have 1048576"},
		{small, small, ""},
	} {
		s := newStudio(t, small)
		old := fault(func(w http.ResponseWriter, _ *http.Request) bool {
			connection, buffered, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return false
			}
			defer connection.Close()
			_, _ = buffered.WriteString("HTTP/1.0 200 OK\r\nContent-Type: video/mp4\r\n\r\n")
			_, _ = buffered.Write(s.film[:c.sent])
			_ = buffered.Flush()
			return true
		})
		s.mediaFault.Store(&old)
		s.Start()
		s.Deliver(s.event(map[string]any{"sizeBytes": c.size}))
		if c.want == "" {
			s.wantArchived()
			continue
		}
		s.says(c.want)
		if list := s.record.All(t); len(list) != 0 {
			t.Errorf("archived %+v", list)
		}
	}
}

// Chunks have an end of their own, which a connection that breaks does not bring.
func TestRecordingArchive_AFileInChunksNeedsNoSize(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	chunked := func(length int) *fault {
		f := fault(func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(s.film[:length/2])
			w.(http.Flusher).Flush()
			if length < small {
				panic(http.ErrAbortHandler)
			}
			_, _ = w.Write(s.film[length/2:])
			return true
		})
		return &f
	}
	s.mediaFault.Store(chunked(small / 2))
	s.Start()
	s.Deliver(s.event(map[string]any{"sizeBytes": nil}))
	s.says("the download broke off")
	s.mediaFault.Store(chunked(small))
	s.Run("retry")
	s.wantArchived()
}
