package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// forwardTimeout is below the ten seconds that the sender waits for an answer,
// so that it learns of a slow application as a failure and not as a timeout.
const forwardTimeout = 8 * time.Second

// agent is what a server calls itself; it adds its address.
const agent = "TheBigClass-Webhooks/1"

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

func newForwarder(url string, timeout time.Duration) *forwarder {
	return &forwarder{url: url, client: http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true},
		// A redirect would repeat the POST as a GET without its body.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send fails unless the answer is 2xx.
func (f *forwarder) send(ctx context.Context, d webhooks.Delivery) error {
	status, err := f.post(ctx, d)
	if err == nil && (status < 200 || status > 299) {
		err = fmt.Errorf("answered %d %s", status, http.StatusText(status))
	}
	return err
}

// post returns the status of the answer, whatever it is.
func (f *forwarder) post(ctx context.Context, d webhooks.Delivery) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, bytes.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	req.Header = forwardedHeader(d.Header)
	res, err := f.client.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// reason is why there was no answer, in short: the URL is known to whoever reads it.
func reason(err error) string {
	var whole *url.Error
	switch {
	case !errors.As(err, &whole):
		return err.Error()
	case whole.Timeout():
		return "no answer within " + attemptTimeout.String()
	default:
		return whole.Err.Error()
	}
}

// signedDelivery is an event as a server would send it, the first time.
func signedDelivery(event webhooks.Event, body []byte, at time.Time, secrets []string) (webhooks.Delivery, error) {
	signature, err := webhooks.Sign(body, at, secrets...)
	return webhooks.Delivery{Event: event, Body: body, Header: http.Header{
		"Content-Type":           {"application/json"},
		"User-Agent":             {agent},
		webhooks.HeaderSignature: {signature},
		webhooks.HeaderEvent:     {event.Type},
		webhooks.HeaderDelivery:  {deliveryID(event.ID)},
		webhooks.HeaderAttempt:   {"1"},
	}}, err
}

// deliveryID is the same whenever the event is sent, as that of a delivery is.
func deliveryID(eventID string) string { return "evd_" + strings.TrimPrefix(eventID, "evt_") }

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
