package delivery

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thebigclass/api/store"
)

// bubble is the clock of the test's own bubble.
var bubble = time.Now //nolint:forbidigo // in a bubble of synctest it is a fake

// hostile is a receiver that means no good: what it does with a connection, once it has read the request or not.
type hostile struct {
	name    string
	url     string // "" is http
	unread  bool   // the request is not even read
	answer  func(conn net.Conn)
	took    time.Duration // until the attempt has to be over
	status  int           // 0 is none
	problem string
}

// every writes the text again and again.
func every(pause time.Duration, text string) func(net.Conn) {
	return func(conn net.Conn) {
		for {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
			<-time.After(pause)
		}
	}
}

// after writes the head once, and goes on with rest.
func after(head string, rest func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := io.WriteString(conn, head); err == nil {
			rest(conn)
		}
	}
}

func nothing(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func hangUp(net.Conn) {}

const (
	tooLate    = "timeout: no complete answer in time"
	unreadable = "the answer could not be read"
	cutOff     = "the connection was closed before an answer came"
	badTLS     = "the TLS certificate or handshake was refused"
)

var hostiles = []hostile{
	{name: "never answers", answer: nothing, took: headerTimeout, problem: tooLate},
	{name: "never reads", unread: true, answer: func(net.Conn) { <-time.After(time.Hour) }, took: attemptTimeout, problem: tooLate},
	{name: "drips its head", answer: after("HTTP/1.1 200 OK\r\nX: ", every(time.Second, "x")), took: headerTimeout, problem: tooLate},
	{name: "drips its body", answer: after("HTTP/1.1 200 OK\r\n\r\n", every(time.Second, "x")), took: attemptTimeout, status: 200},
	{name: "drips interim answers", answer: every(time.Second, "HTTP/1.1 103 Early Hints\r\n\r\n"), took: headerTimeout, problem: tooLate},
	{name: "floods interim answers", answer: every(0, "HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("x", 500)+"\r\n\r\n"), problem: unreadable},
	{name: "floods short interim answers", answer: every(0, "HTTP/1.1 100 Continue\r\n\r\n"), problem: unreadable},
	{name: "endless headers", answer: after("HTTP/1.1 200 OK\r\n", every(0, "X-Filler: "+strings.Repeat("x", 500)+"\r\n")), problem: unreadable},
	{name: "one endless header", answer: after("HTTP/1.1 200 OK\r\nX: ", every(0, strings.Repeat("x", 4096))), problem: unreadable},
	{name: "endless trailers", answer: after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", every(0, "X-Filler: "+strings.Repeat("x", 500)+"\r\n")), status: 200},
	{name: "endless chunk extension", answer: after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", every(0, strings.Repeat("x", 4096))), status: 200},
	{name: "sends a gigabyte", answer: after("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", every(0, strings.Repeat("x", 1<<16))), status: 200},
	{name: "sends without end", answer: after("HTTP/1.1 500 No\r\n\r\n", every(0, strings.Repeat("x", 1<<16))), status: 500, problem: "answered 500"},
	{name: "no HTTP", answer: every(0, "SSH-2.0-OpenSSH_9.2\r\n"), problem: unreadable},
	{name: "hangs up", answer: hangUp, problem: cutOff},
	{name: "hangs up in its head", answer: after("HTTP/1.1 200 OK\r\nX: ", hangUp), problem: cutOff},
	{name: "hangs up in its body", answer: after("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", hangUp), status: 200},
	{name: "redirects to loopback", answer: after("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", hangUp), status: 302, problem: "answered 302"},
	{name: "speaks no TLS", url: "https://receiver.example/", answer: every(0, "HTTP/1.1 200 OK\r\n\r\n"), problem: badTLS},
	{name: "refuses TLS", url: "https://receiver.example/", answer: after("\x15\x03\x03\x00\x02\x02\x28", nothing), problem: badTLS},
	{name: "breaks TLS", url: "https://receiver.example/", answer: after("\x16\x03\x03\x00\x04\x02\x00\x00\x00", nothing), problem: badTLS},
	{name: "never shakes hands", url: "https://receiver.example/", answer: nothing, took: connectTimeout, problem: tooLate},
	{name: "hangs up on TLS", url: "https://receiver.example/", answer: hangUp, problem: cutOff},
}

// Whatever a receiver does, an attempt is over within its bounds, keeps little of the answer, and says what happened.
func TestSend_IsBoundedWhateverTheReceiverDoes(t *testing.T) {
	t.Parallel()
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { h.check(t) })
		})
	}
}

func (h hostile) check(t *testing.T) {
	var receiving sync.WaitGroup
	dials := 0
	client := NewClient(Guard{})
	client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
		dials++
		ours, theirs := net.Pipe()
		receiving.Go(func() { h.receive(theirs) })
		return ours, nil
	}
	if h.url == "" {
		h.url = "http://receiver.example/"
	}
	s := sender{client: client, guard: Guard{AllowHTTP: true}, now: bubble, userAgent: "test"}
	started := bubble()
	got := s.send(t.Context(), store.Claim{
		URL: h.url, Body: []byte(strings.Repeat("x", store.MaxEventBytes)), DeliveryID: "evd_1", EventType: "order.paid", Attempt: 1,
		Secrets: []string{"whsec_test"},
	})
	if took := bubble().Sub(started); took != h.took {
		t.Errorf("the attempt took %s, want %s", took, h.took)
	}
	if dials != 1 {
		t.Errorf("%d connections were made", dials)
	}
	if fault := h.fault(got.attempt); fault != "" || got.succeeded != (h.status == 200) || got.cut {
		t.Errorf("%s: succeeded %v, cut off %v", fault, got.succeeded, got.cut)
	}
	client.CloseIdleConnections()
	receiving.Wait() // while this clock still runs
}

// receive reads, since a pipe has no buffer, and then answers.
func (h hostile) receive(conn net.Conn) {
	defer conn.Close()
	if h.unread {
		h.answer(conn)
		return
	}
	read := bufio.NewReader(conn)
	if first, err := read.Peek(5); err == nil && first[0] == 0x16 { // TLS: a record with its length
		_, _ = io.CopyN(io.Discard, read, 5+int64(first[3])<<8+int64(first[4]))
	} else if request, err := http.ReadRequest(read); err == nil {
		_, _ = io.Copy(io.Discard, request.Body)
	}
	drained := make(chan struct{})
	go func() { defer close(drained); _, _ = io.Copy(io.Discard, conn) }()
	h.answer(conn)
	_ = conn.Close()
	<-drained
}

func (h hostile) fault(attempt store.Attempt) string {
	status, problem, kept := 0, "", 0
	if attempt.StatusCode != nil {
		status = *attempt.StatusCode
	}
	if attempt.Error != nil {
		problem = *attempt.Error
	}
	if attempt.ResponseBody != nil {
		kept = len(*attempt.ResponseBody)
	}
	if status != h.status || problem != h.problem || kept > keptBytes {
		return fmt.Sprintf("status %d, %q, kept %d bytes; want status %d, %q", status, problem, kept, h.status, h.problem)
	}
	return ""
}
