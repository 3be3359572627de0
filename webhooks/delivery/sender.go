package delivery

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/webhooks"
)

// The bounds of an attempt. Whatever an endpoint does, it costs us no more than this.
const (
	connectTimeout  = 5 * time.Second
	headerTimeout   = 10 * time.Second
	attemptTimeout  = 15 * time.Second
	maxHeaderBytes  = 16 << 10
	readBytes       = 16 << 10 // of a response's body
	keptBytes       = 4 << 10  // of it, in the log
	connectionsHost = 16       // kept open to one host: as many as may be under way to one endpoint
)

// NewClient makes the client of an Engine. It dials what guard allows, follows no redirect, uses no proxy, asks for
// no compression and speaks HTTP/1.1, which alone keeps the published spelling of header names.
func NewClient(guard Guard) *http.Client {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: guard.Control}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    connectTimeout,
			ResponseHeaderTimeout:  headerTimeout,
			MaxResponseHeaderBytes: maxHeaderBytes,
			DisableCompression:     true,
			MaxIdleConns:           1024,
			MaxIdleConnsPerHost:    connectionsHost,
			IdleConnTimeout:        30 * time.Second,
			Protocols:              protocols,
		},
	}
}

// sender makes attempts.
type sender struct {
	client    *http.Client
	guard     Guard
	now       func() time.Time
	userAgent string
	secrets   func(context.Context, store.Claim) ([]string, error) // that sign for the endpoint now
}

// result is an attempt and what the answer asks for.
type result struct {
	attempt    store.Attempt
	succeeded  bool
	reordered  bool // it succeeded with the secrets in the other order
	retryable  bool
	retryAfter time.Duration
	cut        bool // by our own stop: it says nothing about the endpoint
}

// send makes one attempt. A receiver may look at the last of two signatures alone, and a 401 is final. So one is answered
// by a second request whose last signature is by the other secret, if two sign. A receiver that changes over the moment
// it is told of a rotation may refuse what was claimed before and signed without its new secret: therefore the secrets
// are read again. The bounds of an attempt hold for all its requests together. The answer to the first has been read,
// so that its connection is free and, as long as no other attempt takes it, the next goes to the same instance of the
// receiver.
func (s *sender) send(ctx context.Context, claim store.Claim) result {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	first := s.post(ctx, claim)
	if !first.refused() || len(claim.Secrets) == 0 {
		return first
	}
	claimed, tried, last := claim.Secrets, []string{lastOf(claim.Secrets)}, first
	for _, secrets := range s.orders(ctx, claim) {
		if slices.Contains(tried, lastOf(secrets)) {
			continue
		}
		claim.Secrets, tried = secrets, append(tried, lastOf(secrets))
		last = s.post(ctx, claim)
		last.attempt.At = first.attempt.At
		last.attempt.Duration = s.now().Sub(first.attempt.At)
		last.reordered = last.succeeded && reordered(claimed, secrets)
		if !last.refused() {
			return last
		}
		text := "answered 401 to every order of the signatures"
		last.attempt.Error = &text
	}
	return last
}

// orders are the ways in which the present secrets can sign: as they do, and the other way round.
func (s *sender) orders(ctx context.Context, claim store.Claim) [][]string {
	secrets, err := s.secrets(ctx, claim)
	if err != nil || len(secrets) == 0 { // what was claimed is the best that is known
		secrets = claim.Secrets
	}
	turned := slices.Clone(secrets)
	slices.Reverse(turned)
	return [][]string{secrets, turned}
}

// reordered reports whether secrets are those that were claimed, in the other order.
func reordered(claimed, secrets []string) bool {
	turned := slices.Clone(secrets)
	slices.Reverse(turned)
	return len(claimed) == 2 && slices.Equal(claimed, turned)
}

func lastOf(secrets []string) string { return secrets[len(secrets)-1] }

// refused reports whether the receiver did not take the signature.
func (r result) refused() bool {
	return r.attempt.StatusCode != nil && *r.attempt.StatusCode == http.StatusUnauthorized
}

// post makes one request. It is signed at the moment of sending, because receivers refuse old signatures.
func (s *sender) post(ctx context.Context, claim store.Claim) result {
	started := s.now()
	done := result{attempt: store.Attempt{At: started}, retryable: true}
	fail := func(err error) result {
		text := explain(err)
		done.attempt.Error, done.attempt.Duration = &text, s.now().Sub(started)
		done.cut = errors.Is(context.Cause(ctx), context.Canceled)
		return done
	}
	if err := s.guard.CheckURL(claim.URL); err != nil { // the operator may have become stricter since it was saved
		return fail(err)
	}
	request, err := s.request(ctx, claim, started)
	if err != nil {
		return fail(err)
	}
	done.attempt.RequestHeaders = logged(request.Header)
	response, err := s.client.Do(request)
	if err != nil {
		return fail(err)
	}
	defer response.Body.Close()
	body := beginning(response.Body)
	done.attempt.StatusCode, done.attempt.ResponseBody = &response.StatusCode, &body
	done.attempt.Duration = s.now().Sub(started)
	done.succeeded = response.StatusCode >= 200 && response.StatusCode < 300
	done.retryable = retryable(response.StatusCode)
	done.retryAfter = retryAfter(response.Header, s.now())
	if !done.succeeded {
		text := "answered " + strconv.Itoa(response.StatusCode)
		done.attempt.Error = &text
	}
	return done
}

func (s *sender) request(ctx context.Context, claim store.Claim, at time.Time) (*http.Request, error) {
	signature, err := webhooks.Sign(claim.Body, at, claim.Secrets...)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, claim.URL, bytes.NewReader(claim.Body))
	if err != nil {
		return nil, err
	}
	// Assigned, not Set: Set would write X-Tbc-Signature.
	request.Header = http.Header{
		"Content-Type":           {"application/json"},
		"User-Agent":             {s.userAgent},
		webhooks.HeaderSignature: {signature},
		webhooks.HeaderEvent:     {claim.EventType},
		webhooks.HeaderDelivery:  {claim.DeliveryID},
		webhooks.HeaderAttempt:   {strconv.Itoa(claim.Attempt)},
	}
	return request, nil
}

// logged is what the log shows of the headers. A signature is good for five minutes, so it is not shown whole.
func logged(header http.Header) map[string]string {
	shown := make(map[string]string, len(header))
	for name, values := range header {
		shown[name] = strings.Join(values, ", ")
	}
	if t, signatures, ok := strings.Cut(shown[webhooks.HeaderSignature], ","); ok {
		shown[webhooks.HeaderSignature] = t + strings.Repeat(",v1=…", strings.Count(signatures, "v1="))
	}
	return shown
}

// beginning reads a bounded part of a body, as far as it comes, and keeps a smaller one that ends between characters.
func beginning(body io.Reader) string {
	read, _ := io.ReadAll(io.LimitReader(body, readBytes)) // the status has decided; a broken body changes nothing
	if len(read) > keptBytes {
		read = read[:keptBytes]
		for cut := len(read) - 1; cut >= len(read)-utf8.UTFMax && cut >= 0; cut-- {
			if utf8.RuneStart(read[cut]) {
				if !utf8.FullRune(read[cut:]) {
					read = read[:cut]
				}
				break
			}
		}
	}
	return strings.ToValidUTF8(string(read), "\uFFFD")
}

// explain says what went wrong in words for the log that the endpoint's owner reads. It names no address, since a
// name may have led into somebody's private network.
func explain(err error) string {
	var timeout net.Error
	var unresolved *net.DNSError
	var request *url.Error
	switch {
	case errors.Is(err, ErrForbidden):
		return ErrForbidden.Error()
	case errors.Is(err, webhooks.ErrNoSecret):
		return "the signing secret cannot be decrypted"
	case errors.As(err, &unresolved):
		return "the host name cannot be resolved"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return "timeout: no complete answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before an answer came"
	case isTLS(err):
		return "the TLS certificate or handshake was refused"
	case errors.As(err, &request):
		return "the answer could not be read"
	}
	return "the request could not be made"
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var alert *net.OpError // crypto/tls names alerts so, theirs and ours
	var record tls.RecordHeaderError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.As(err, &alert) && (alert.Op == "remote error" || alert.Op == "local error")
}
