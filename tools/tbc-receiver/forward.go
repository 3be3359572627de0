package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// forwardTimeout is below the ten seconds that the sender waits for an answer,
// so that it learns of a slow application as a failure and not as a timeout.
const forwardTimeout = 8 * time.Second

// hopHeaders are about one connection and not about the message (RFC 9110,
// section 7.6.1).
var hopHeaders = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// forwarder passes deliveries on, such that their receiver can verify them as
// if they had come directly.
type forwarder struct {
	url    string
	client http.Client
}

func newForwarder(url string) *forwarder {
	return &forwarder{url: url, client: http.Client{
		Timeout:   forwardTimeout,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment},
		// A redirect would repeat the POST as a GET without its body.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send fails unless the answer is 2xx.
func (f *forwarder) send(ctx context.Context, d webhooks.Delivery) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, bytes.NewReader(d.Body))
	if err != nil {
		return err
	}
	req.Header = forwardedHeader(d.Header)
	res, err := f.client.Do(req)
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}

// forwardedHeader copies a header as it was sent: what concerns the connection
// left out, and our names in the spelling that net/http took from them.
func forwardedHeader(received http.Header) http.Header {
	header := received.Clone()
	for _, value := range received["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopHeaders {
		header.Del(name)
	}
	for _, name := range []string{
		webhooks.HeaderSignature, webhooks.HeaderEvent, webhooks.HeaderDelivery, webhooks.HeaderAttempt,
	} {
		if values := header.Values(name); values != nil {
			header.Del(name)
			header[name] = values
		}
	}
	return header
}
