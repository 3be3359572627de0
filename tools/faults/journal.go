package main

import (
	"encoding/json"
	"os"
	"sync"
	"time"
)

// request is a line of the receiver's journal: one request that arrived, and what was done with it.
type request struct {
	Time     time.Time `json:"time"`     // it had arrived whole
	Done     time.Time `json:"done"`     // it was answered
	Endpoint string    `json:"endpoint"` // the path that the endpoint's URL has
	Delivery string    `json:"delivery"`
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Attempt  int       `json:"attempt"`
	Sender   string    `json:"sender"` // the life of a replica
	Signed   int64     `json:"signed"` // the signature's t
	SHA256   string    `json:"sha256"`
	Verified bool      `json:"verified"`
	Fault    string    `json:"fault,omitempty"` // what is wrong with the request itself
	Answer   int       `json:"answer"`          // status; 0: the connection was dropped
	Late     bool      `json:"late,omitempty"`  // the end of the answer was held back for longer than a short lease
}

// took reports whether the request was taken: it was genuine and answered so.
func (r request) took() bool { return r.Verified && r.Answer >= 200 && r.Answer < 300 }

// journal is what the receiver saw, on disk a line a request, written before the answer goes out.
type journal struct {
	mu     sync.Mutex
	file   *os.File
	lines  []request
	bodies map[string][]byte // by sha256
}

func openJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return &journal{file: file, bodies: map[string][]byte{}}, err
}

func (j *journal) write(r request, body []byte) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, r)
	if _, known := j.bodies[r.SHA256]; !known {
		j.bodies[r.SHA256] = body
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) all() []request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]request(nil), j.lines...)
}

func (j *journal) len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.lines)
}

func (j *journal) close() error { return j.file.Close() }
