package main

import (
	"encoding/json"
	"os"
	"sync"
	"time"
)

// operation is one call that changes something, and what came of it.
type operation struct {
	Number int       `json:"number"`
	Kind   string    `json:"kind"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Body   any       `json:"body,omitempty"`
	Key    string    `json:"key,omitempty"`    // its Idempotency-Key
	Target string    `json:"target,omitempty"` // the id of what it changes
	Sent   time.Time `json:"sent"`
	Ended  time.Time `json:"ended"`  // it was answered, or given up
	Status int       `json:"status"` // 0: never answered
	Tries  int       `json:"tries"`
	Answer object    `json:"-"`
	Many   []object  `json:"-"` // the answer of a batch, item by item
	Reply  string    `json:"reply,omitempty"`
}

// answered reports whether the operation's outcome is known. A 500 says nothing: its commit may have gone through.
func (op *operation) answered() bool { return op.Status != 0 && op.Status < 500 }

// acknowledged reports whether the change was made, or had been made before.
func (op *operation) acknowledged() bool { return op.Status >= 200 && op.Status < 300 }

// object is whatever the harness reads of any resource.
type object struct {
	ID, StudentID, CourseID, Status, Secret, DisplayName, Title string

	CreatedAt, UpdatedAt, DeletedAt, EnrolledAt, RevokedAt, IssuedAt *time.Time
	PublishedAt, ArchivedAt, StartedAt, EndedAt                      *time.Time

	Test     bool
	Customer struct{ StudentID, Email *string }
	Refunds  []struct {
		ID        string
		CreatedAt time.Time
	}
	History []struct {
		Action string
		At     time.Time
	}
	Modules []struct {
		Lessons []struct{ ID string }
	}
	Enrollment *object // of a batch's item
}

// read keeps what the answer says.
func (op *operation) read(body []byte) error {
	if !op.acknowledged() {
		op.Reply = string(body)
		return nil
	}
	var envelope struct{ Data json.RawMessage }
	if err := json.Unmarshal(body, &envelope); err != nil {
		return err
	}
	if op.Kind == kindBatch {
		return json.Unmarshal(envelope.Data, &op.Many)
	}
	return json.Unmarshal(envelope.Data, &op.Answer)
}

// record is all operations of a run, on disk as well.
type record struct {
	mu   sync.Mutex
	file *os.File
	list []*operation
}

func openRecord(path string) (*record, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return &record{file: file}, err
}

func (r *record) add(op *operation) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	op.Number = len(r.list)
	r.list = append(r.list, op)
	line, err := json.Marshal(op)
	if err != nil {
		return err
	}
	_, err = r.file.Write(append(line, '\n'))
	return err
}

func (r *record) all() []*operation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*operation(nil), r.list...)
}

func (r *record) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.list)
}

func (r *record) close() error { return r.file.Close() }
