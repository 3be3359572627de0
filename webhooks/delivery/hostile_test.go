package delivery_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks/delivery"
)

// oneByOne runs test on both databases, alone in the process: for what the process as a whole shows or shares.
func oneByOne(t *testing.T, test func(t *testing.T, db *storetest.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t)) })
}

// listen accepts connections, reads a request from each and hands them over. It returns the address.
func listen(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 4096))
				answer(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// flood writes the head, and then the text until nobody takes it.
func flood(head, text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, err := io.WriteString(conn, head)
		for err == nil {
			_, err = io.WriteString(conn, text)
		}
	}
}

func drip(conn net.Conn) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: ")
	for err == nil {
		<-ticker.C
		_, err = io.WriteString(conn, "x")
	}
}

func reset(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }

// bomb is a gzip stream that unpacks to a thousand times its size.
func bomb(t *testing.T) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for range 64 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// hostileURLs are receivers that mean no good, each with what the log has to say of it; "" is a success.
func hostileURLs(t *testing.T, release <-chan struct{}) map[string]string {
	t.Helper()
	const ok = "HTTP/1.1 200 OK\r\n"
	filler := "X-Filler: " + strings.Repeat("x", 1000) + "\r\n"
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(inside.Close)
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = nil
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	return map[string]string{
		"http://" + listen(t, func(net.Conn) { <-release }): "timeout: no complete answer in time",
		"http://" + listen(t, drip):                         "timeout: no complete answer in time",
		"http://" + listen(t, flood(ok+"Content-Length: 1073741824\r\n\r\n", strings.Repeat("x", 1<<16))): "",
		"http://" + listen(t, flood(ok+"Content-Encoding: gzip\r\n\r\n", bomb(t))):                        "",
		"http://" + listen(t, flood(ok, filler)):                                                          "the answer could not be read",
		"http://" + listen(t, flood("", "HTTP/1.1 103 Early Hints\r\n"+filler+"\r\n")):                    "the answer could not be read",
		"http://" + listen(t, reset):                                                                      "the connection was closed before an answer came",
		"https://" + listen(t, flood("", "no TLS at all\r\n")):                                            "the TLS certificate or handshake was refused",
		untrusted.URL: "the TLS certificate or handshake was refused",
		"http://" + listen(t, flood("HTTP/1.1 302 Found\r\nLocation: "+inside.URL+"\r\n\r\n", "elsewhere")): "answered 302",
	}
}

// Receivers that mean no good cost what an attempt may cost and no more: nobody waits for them, and what they
// send does not end up in memory.
func TestEngine_HostileReceiversHarmNobody(t *testing.T) {
	oneByOne(t, func(t *testing.T, db *storetest.DB) {
		const events = 3
		b := newBench(t, db)
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		want := map[string]string{}
		for url, problem := range hostileURLs(t, release) {
			id, _ := b.endpoint(url)
			want[id] = problem
		}
		healthy := serve(t, func(http.ResponseWriter, *http.Request) {})
		id, _ := b.endpoint(healthy.URL)
		want[id] = ""
		client := delivery.NewClient(loopback)
		client.Timeout = time.Second // the bound of an attempt, made short
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.start(delivery.Config{Client: client})
		b.emit(events)
		for range events * len(want) {
			outcome := b.stored()
			problem := ""
			if outcome.Attempt.Error != nil {
				problem = *outcome.Attempt.Error
			}
			if problem != want[outcome.Claim.EndpointID] || outcome.Succeeded != (problem == "") {
				t.Errorf("%s: succeeded %v, %q, want %q", outcome.Claim.URL, outcome.Succeeded, problem, want[outcome.Claim.EndpointID])
			}
			if body := outcome.Attempt.ResponseBody; body != nil && len(*body) > 16<<10 { // 4 KiB, of which each byte may have become a U+FFFD
				t.Errorf("%s: kept %d bytes", outcome.Claim.URL, len(*body))
			}
		}
		runtime.ReadMemStats(&after)
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 256 {
			t.Errorf("%d MiB were allocated for %d attempts", grown, events*len(want))
		}
	})
}
