package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// sampleEvery says which receipts keep their body, so that its signature can be verified afterwards.
const sampleEvery = 50

// sink is an endpoint on a port of its own, since in life endpoints are different hosts. It reads whole requests,
// parses no more of them than it needs, and answers 204 at once, because every cycle spent here is taken from the
// server under test; or, if it hangs, it never answers.
type sink struct {
	url      string
	secret   string // of the endpoint that was made for it
	events   string // that the endpoint subscribes to, as JSON without brackets
	hangs    bool
	listener net.Listener

	mu    sync.Mutex
	began time.Time // when the first connection came
	seen  []receipt
	fault error // the first
	open  map[net.Conn]struct{}
}

// receipt is one delivery that arrived.
type receipt struct {
	delivery  string
	at        time.Time
	age       time.Duration // since the event's created_at, which lies before its commit
	signature string        // and body only of samples
	body      []byte
}

func startSink(hangs bool) (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "http://" + listener.Addr().String() + "/", hangs: hangs, listener: listener,
		open: map[net.Conn]struct{}{}}
	go s.accept() // ends with stop
	return s, nil
}

func (s *sink) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.began.IsZero() {
			s.began = time.Now()
		}
		s.open[conn] = struct{}{}
		s.mu.Unlock()
		go s.serve(conn)
	}
}

// serve reads requests until the sender closes the connection, which ends between two of them.
func (s *sink) serve(conn net.Conn) {
	err := s.answerAll(conn)
	_ = conn.Close() // read to its end
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
	if err != nil && s.fault == nil && !s.hangs {
		s.fault = fmt.Errorf("delivery: %w", err)
	}
}

func (s *sink) answerAll(conn net.Conn) error {
	reader := bufio.NewReaderSize(conn, 16<<10)
	for {
		if _, err := reader.Peek(1); err != nil {
			return nil // closed, or reset by a sender that was stopped
		}
		r, err := readDelivery(reader)
		if err != nil {
			return err
		}
		if s.hangs {
			_, _ = reader.ReadByte() // returns when the sender gives up
			return nil
		}
		if _, err := conn.Write(noContent); err != nil {
			return err
		}
		s.note(r)
	}
}

var noContent = []byte("HTTP/1.1 204 No Content\r\n\r\n")

func (s *sink) note(r receipt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen)%sampleEvery != 0 {
		r.body, r.signature = nil, ""
	}
	s.seen = append(s.seen, r)
}

// first is when the first connection came.
func (s *sink) first() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began
}

// stop closes the port and every connection.
func (s *sink) stop() error {
	err := s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close() // ends its serve
	}
	return err
}

// readDelivery reads one request to its end.
func readDelivery(reader *bufio.Reader) (receipt, error) {
	var r receipt
	length := -1
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return r, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case len(name) == len("Content-Length") && strings.EqualFold(string(name), "Content-Length"):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return r, err
			}
		case string(name) == webhooks.HeaderDelivery: // in the published spelling
			r.delivery = string(value)
		case string(name) == webhooks.HeaderSignature:
			r.signature = string(value)
		}
	}
	if length < 1 || length > webhooks.BodyLimit || r.delivery == "" || r.signature == "" {
		return r, fmt.Errorf("length %d, delivery %q, signature %q", length, r.delivery, r.signature)
	}
	r.body = make([]byte, length)
	if _, err := io.ReadFull(reader, r.body); err != nil {
		return r, err
	}
	r.at = time.Now()
	created, err := eventTimeOf(r.body)
	r.age = r.at.Sub(created)
	return r, err
}

// eventTimeOf is the created_at of an envelope, found without reading the rest of it.
func eventTimeOf(body []byte) (time.Time, error) {
	_, after, found := bytes.Cut(body, []byte(`"created_at":"`))
	text, _, closed := bytes.Cut(after, []byte(`"`))
	if !found || !closed {
		return time.Time{}, fmt.Errorf("no created_at in %.200q", body)
	}
	return time.Parse(time.RFC3339Nano, string(text))
}
