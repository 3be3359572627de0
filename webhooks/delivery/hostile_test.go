package delivery_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
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
func hostileURLs(t *testing.T) map[string]string {
	t.Helper()
	const ok = "HTTP/1.1 200 OK\r\n"
	filler := "X-Filler: " + strings.Repeat("x", 1000) + "\r\n"
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(inside.Close)
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	return map[string]string{
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

// hangingURLs are receivers that hold an attempt for as long as its bounds allow, or until they are released.
func hangingURLs(t *testing.T, release <-chan struct{}) []string {
	t.Helper()
	drip := func(conn net.Conn) {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: ")
		for err == nil {
			select {
			case <-release:
				return
			case <-ticker.C:
			}
			_, err = io.WriteString(conn, "x")
		}
	}
	return []string{"http://" + listen(t, func(net.Conn) { <-release }), "http://" + listen(t, drip)}
}

// Receivers that mean no good cost what an attempt may cost and no more: what they send does not end up in memory,
// and all others have been told before those that hang let go.
func TestEngine_HostileReceiversHarmNobody(t *testing.T) {
	oneByOne(t, func(t *testing.T, db *storetest.DB) {
		const events = 3
		b := newBench(t, db)
		release := make(chan struct{})
		letGo := sync.OnceFunc(func() { close(release) })
		t.Cleanup(letGo)
		want, hangs := map[string]string{}, map[string]bool{}
		add := func(url, problem string) string {
			id, _ := b.endpoint(url)
			want[id] = problem
			return id
		}
		for url, problem := range hostileURLs(t) {
			add(url, problem)
		}
		for _, url := range hangingURLs(t, release) {
			hangs[add(url, "timeout or closed")] = true
		}
		add(serve(t, func(http.ResponseWriter, *http.Request) {}).URL, "")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.start(delivery.Config{})
		b.emit(events)
		for told, held := 0, 0; told+held < events*len(want); {
			outcome := b.stored()
			if hangs[outcome.Claim.EndpointID] {
				held++
			} else if told++; told == events*(len(want)-len(hangs)) {
				letGo()
			}
			checkHostile(t, outcome, want[outcome.Claim.EndpointID])
		}
		runtime.ReadMemStats(&after)
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 256 {
			t.Errorf("%d MiB were allocated for %d attempts", grown, events*len(want))
		}
	})
}

func checkHostile(t *testing.T, outcome store.Outcome, want string) {
	t.Helper()
	problem := ""
	if outcome.Attempt.Error != nil {
		problem = *outcome.Attempt.Error
	}
	if want == "timeout or closed" && (problem == "timeout: no complete answer in time" || problem == "the connection was closed before an answer came") {
		want = problem
	}
	if problem != want || outcome.Succeeded != (problem == "") {
		t.Errorf("%s: succeeded %v, %q, want %q", outcome.Claim.URL, outcome.Succeeded, problem, want)
	}
	if body := outcome.Attempt.ResponseBody; body != nil && len(*body) > 16<<10 { // 4 KiB, of which each byte may have become a U+FFFD
		t.Errorf("%s: kept %d bytes", outcome.Claim.URL, len(*body))
	}
}
