package recipetest

import (
	"bytes"
	"encoding/json"
	"sync"
	"testing"
)

// Record is what a stand-in writes to and a test reads, as a list of T.
type Record[T any] struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (r *Record[T]) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

// All is what has been recorded by now.
func (r *Record[T]) All(t *testing.T) (list []T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range bytes.Lines(r.buf.Bytes()) {
		var entry T
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatal(err)
		}
		list = append(list, entry)
	}
	return list
}
