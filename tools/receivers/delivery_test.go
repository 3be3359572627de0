package receivers_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// now is the machine's clock, which is what the receivers, other processes, go by.
func now() time.Time { return time.Now() } //nolint:forbidigo // see the comment

func event(id string) string {
	return fmt.Sprintf(`{ "id": %q, "type": "order.paid",  "data": {"name": "आशा 🎓\u00e9"} }`, id)
}

// long is an event of so many bytes.
func long(id string, size int) string {
	head := fmt.Sprintf(`{"id":%q,"type":"order.paid","data":"`, id)
	return head + strings.Repeat("x", size-len(head)-2) + `"}`
}

func sign(t *testing.T, body string, age time.Duration, secrets ...string) []string {
	t.Helper()
	signature, err := webhooks.Sign([]byte(body), now().Add(-age), secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return []string{signature}
}

// delivery is a request.
type delivery struct {
	method  string // POST unless given
	body    string
	header  []string // the lines of X-TBC-Signature
	kind    string   // the Content-Type, application/json unless given
	chunked bool
}

// answer is what a test looks at of a response.
type answer struct {
	status int
	allow  string
}

func (p *process) send(t *testing.T, d delivery) (answer, error) {
	t.Helper()
	if d.method == "" {
		d.method = http.MethodPost
	}
	var body io.Reader = strings.NewReader(d.body)
	if d.chunked {
		body = io.MultiReader(body) // of a length that the client does not know
	}
	request, err := http.NewRequestWithContext(t.Context(), d.method, "http://"+p.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header["Content-Type"] = []string{"application/json"}
	if d.kind != "" {
		request.Header["Content-Type"] = []string{d.kind}
	}
	if d.header != nil {
		request.Header[webhooks.HeaderSignature] = d.header
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body) // its text is for people
	return answer{status: response.StatusCode, allow: response.Header.Get("Allow")}, err
}

func (p *process) want(t *testing.T, what string, d delivery, status int) {
	t.Helper()
	if got, err := p.send(t, d); got.status != status || err != nil {
		t.Errorf("%s: status %d, want %d (%v): %s", what, got.status, status, err, p.output)
	}
}

// write sends a request as it is written here. It announces more bytes than there are, by so many.
func (p *process) write(t *testing.T, body string, more int) *net.TCPConn {
	t.Helper()
	dialed, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dialed.Close() })
	connection := dialed.(*net.TCPConn)
	// With small buffers the sender is still writing when the receiver has seen enough, as over a long line.
	if err := errors.Join(connection.SetDeadline(now().Add(patience)), connection.SetWriteBuffer(4096)); err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: %s\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s",
		path, p.address, webhooks.HeaderSignature, sign(t, body, 0, ours)[0], len(body)+more, body)
	if err != nil {
		t.Errorf("send: %v", err)
	}
	return connection
}
