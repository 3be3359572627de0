package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// readLimit bounds the wait for one answer; a server that hangs must not hang the benchmark.
const readLimit = 30 * time.Second

// answer is what a load checks of a response.
type answer struct {
	status int
	length int64 // of the body, without chunk framing
}

// connection is a keep-alive HTTP/1.1 connection that parses no more of an answer than it needs, because
// every cycle spent here is taken from the server under test on the same processors.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
	etag   []byte // of the last answer
	body   []byte // of the last answer, if keep is set
	keep   bool
}

func dial(ctx context.Context, addr string) (*connection, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, reader: bufio.NewReaderSize(conn, 32<<10)}, nil
}

func (c *connection) close() { _ = c.conn.Close() }

// roundTrip sends a request as it stands and reads its answer to the end.
func (c *connection) roundTrip(request []byte) (answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(readLimit)); err != nil {
		return answer{}, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return answer{}, err
	}
	c.body = c.body[:0]
	status, length, err := c.head()
	if err != nil {
		return answer{}, fmt.Errorf("read the answer's head: %w", err)
	}
	a := answer{status: status, length: length}
	switch {
	case status == 304 || status == 204:
		a.length = 0
	case length < 0:
		a.length, err = c.chunks()
	default:
		err = c.take(length)
	}
	if err != nil {
		return answer{}, fmt.Errorf("read the answer's body: %w", err)
	}
	return a, nil
}

var (
	contentLength = []byte("content-length:")
	etagHeader    = []byte("etag:")
)

// head reads the status line and the headers. The length is -1 where the body is chunked.
func (c *connection) head() (status int, length int64, err error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, 0, fmt.Errorf("no status line: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	length = -1
	for {
		if line, err = c.reader.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		switch {
		case len(line) <= 2:
			return status, length, nil
		case hasPrefixFold(line, contentLength):
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(line[len(contentLength):])), 10, 64); err != nil {
				return 0, 0, err
			}
		case hasPrefixFold(line, etagHeader):
			c.etag = append(c.etag[:0], bytes.TrimSpace(line[len(etagHeader):])...)
		}
	}
}

// chunks reads a chunked body, which net/http sends where a handler writes more than 2 KB without a length.
func (c *connection) chunks() (int64, error) {
	var total int64
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return 0, err
		}
		if err := c.take(size); err != nil {
			return 0, err
		}
		if _, err := c.reader.Discard(2); err != nil {
			return 0, err
		}
		if total += size; size == 0 {
			return total, nil
		}
	}
}

// take reads n bytes of a body, and keeps them only if they were asked for.
func (c *connection) take(n int64) error {
	if !c.keep {
		_, err := c.reader.Discard(int(n))
		return err
	}
	for ; n > 0; n-- {
		b, err := c.reader.ReadByte()
		if err != nil {
			return err
		}
		c.body = append(c.body, b)
	}
	return nil
}

func hasPrefixFold(line, prefix []byte) bool {
	return len(line) >= len(prefix) && bytes.EqualFold(line[:len(prefix)], prefix)
}

// request is a GET with a bearer token and, unless it is empty, an If-None-Match.
func request(path, token string, etag []byte) []byte {
	var b bytes.Buffer
	b.WriteString("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n")
	if len(etag) > 0 {
		b.WriteString("If-None-Match: ")
		b.Write(etag)
		b.WriteString("\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// post is a POST of JSON with a bearer token.
func post(path, token, body string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, token, len(body), body)
}

// expect makes a round trip; another status than that is an error with the body in it, if bodies are kept.
func (c *connection) expect(request []byte, status int) error {
	a, err := c.roundTrip(request)
	if err == nil && a.status != status {
		err = fmt.Errorf("status %d, want %d: %s", a.status, status, c.body[:min(len(c.body), 300)])
	}
	return err
}

// send makes one round trip on a connection of its own and returns the body.
func send(ctx context.Context, addr string, request []byte, status int) ([]byte, error) {
	c, err := dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer c.close()
	c.keep = true
	if err := c.expect(request, status); err != nil {
		line, _, _ := bytes.Cut(request, []byte(" HTTP/"))
		return nil, fmt.Errorf("%s: %w", line, err)
	}
	return c.body, nil
}

// fetch gets one body on a connection of its own; another status than 200 is an error with the body in it.
func fetch(ctx context.Context, addr, path, token string) ([]byte, error) {
	return send(ctx, addr, request(path, token, nil), 200)
}
