package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// secretWait is how long a request waits for the secret of an endpoint whose creation has yet to be answered.
const secretWait = 2 * time.Second

// receiver is the other side of all endpoints: it verifies, keeps its journal and answers by temper.
type receiver struct {
	url     string
	now     func() time.Time
	journal *journal
	server  *http.Server
	faults  chan error // holds the first fault of our own

	mu        sync.Mutex
	rng       *rand.Rand
	endpoints map[string]*hook // by path
	healed    bool
	gate      *gate
}

// hook is what the receiver knows of an endpoint.
type hook struct {
	temper  temper
	page    bool          // it verifies as the developer page shows, by its newest secret alone
	known   chan struct{} // closed once there is a secret
	secrets []string
}

// gate holds requests back while faults are prepared.
type gate struct {
	arrived chan string   // the sender of each request that is held
	open    chan struct{} // closed to let them go
	answer  int           // what those who were held are told; 0 is what their endpoint says
}

func startReceiver(ctx context.Context, j *journal, now func() time.Time, seed uint64) (*receiver, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{
		url: "http://" + listener.Addr().String(), now: now, journal: j, faults: make(chan error, 1),
		rng: rand.New(rand.NewPCG(seed, 2)), endpoints: map[string]*hook{},
	}
	r.server = &http.Server{Handler: http.HandlerFunc(r.receive), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }() // ends with stop
	return r, nil
}

func (r *receiver) stop() error { return r.server.Close() }

// expect makes a path that an endpoint may have.
func (r *receiver) expect(path, temper string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endpoints[path] = &hook{temper: tempers[temper], page: temper == temperPage, known: make(chan struct{})}
}

// trust tells the receiver a secret of an endpoint. Those before stay good: requests may be under way.
func (r *receiver) trust(path, secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.endpoints[path]
	if h.secrets == nil {
		close(h.known)
	}
	h.secrets = append(h.secrets, secret)
}

// heal makes every endpoint answer well from now on.
func (r *receiver) heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.healed = true
}

// hold closes a gate before the requests that come from now on.
func (r *receiver) hold() *gate {
	g := &gate{arrived: make(chan string, 10_000), open: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gate = g
	return g
}

// release lets all go whom the gate holds, and answers them with status unless it is 0.
func (r *receiver) release(g *gate, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gate == g {
		r.gate = nil
	}
	g.answer = status
	close(g.open)
}

func (r *receiver) receive(w http.ResponseWriter, received *http.Request) {
	body, err := io.ReadAll(received.Body)
	if err != nil {
		return // its sender died or was cut off: it did not arrive
	}
	line := r.read(received, body)
	r.mu.Lock()
	h, g := r.endpoints[line.Endpoint], r.gate
	behave := behaviour{status: http.StatusNotFound}
	if h != nil {
		behave = behaviour{status: http.StatusNoContent}
		if !r.healed {
			behave = h.temper(r.rng)
		}
	}
	r.mu.Unlock()
	if h != nil {
		if !r.verify(received.Context(), h, received.Header.Get(webhooks.HeaderSignature), body, &line) {
			behave = behaviour{status: http.StatusUnauthorized}
		}
	}
	if g != nil {
		g.arrived <- line.Sender
		<-g.open
		if g.answer != 0 {
			behave = behaviour{status: g.answer}
		}
	}
	r.answer(w, received, behave, &line, body)
}

// answer writes the journal and then says what the journal says. It goes on when the sender has gone: whether the
// answer arrived is what a receiver never knows.
func (r *receiver) answer(w http.ResponseWriter, received *http.Request, behave behaviour, line *request, body []byte) {
	_ = pause(received.Context(), behave.delay) // a sender that leaves early gets its answer early
	line.Done, line.Answer, line.Late = r.now(), behave.status, behave.trickle > 0
	if err := r.journal.write(*line, body); err != nil {
		select {
		case r.faults <- fmt.Errorf("write the journal: %w", err):
		default:
		}
	}
	if behave.status == 0 {
		panic(http.ErrAbortHandler) // net/http drops the connection
	}
	if behave.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(behave.retryAfter))
	}
	if behave.status == http.StatusMovedPermanently {
		w.Header().Set("Location", r.url+"/elsewhere")
	}
	w.WriteHeader(behave.status)
	if behave.trickle > 0 {
		_ = http.NewResponseController(w).Flush()
		_ = pause(received.Context(), behave.trickle)
	}
}

// read takes the request apart. What is wrong with it stands in Fault.
func (r *receiver) read(received *http.Request, body []byte) request {
	sum := sha256.Sum256(body)
	line := request{
		Time: r.now(), Endpoint: received.URL.Path, Delivery: received.Header.Get(webhooks.HeaderDelivery),
		SHA256: hex.EncodeToString(sum[:]),
	}
	var envelope struct{ ID, Type string }
	err := json.Unmarshal(body, &envelope)
	line.Event, line.Type = envelope.ID, envelope.Type
	attempt, convErr := strconv.Atoi(received.Header.Get(webhooks.HeaderAttempt))
	line.Attempt = attempt
	_, site, _ := strings.Cut(received.UserAgent(), "(+http://")
	line.Sender, _, _ = strings.Cut(site, ".")
	signed, _, _ := strings.Cut(strings.TrimPrefix(received.Header.Get(webhooks.HeaderSignature), "t="), ",")
	line.Signed, _ = strconv.ParseInt(signed, 10, 64) // a bad one does not verify either
	switch {
	case err != nil || convErr != nil:
		line.Fault = fmt.Sprint(errors.Join(err, convErr))
	case line.Type != received.Header.Get(webhooks.HeaderEvent):
		line.Fault = "the header names the event " + received.Header.Get(webhooks.HeaderEvent)
	}
	return line
}

// verify checks the signature, which an application does first. Here the journal has to have the rest as well. It
// reports whether the endpoint, by its own lights, takes the signature for good: to one that verifies as the page
// shows, only the last v1 counts, and only its newest secret.
func (r *receiver) verify(ctx context.Context, h *hook, signature string, body []byte, line *request) bool {
	timer := time.NewTimer(secretWait)
	defer timer.Stop()
	select {
	case <-h.known:
	case <-timer.C:
	case <-ctx.Done():
	}
	r.mu.Lock()
	secrets := append([]string(nil), h.secrets...)
	r.mu.Unlock()
	err := webhooks.ErrNoSecret
	if len(secrets) > 0 {
		err = webhooks.Verify(signature, body, r.now(), secrets...)
	}
	line.Verified = err == nil
	if err != nil && line.Fault == "" {
		line.Fault = err.Error()
	}
	if !h.page || err != nil {
		return true
	}
	t, _, _ := strings.Cut(signature, ",")
	last := signature[strings.LastIndex(signature, ","):]
	return webhooks.Verify(t+last, body, r.now(), secrets[len(secrets)-1]) == nil
}
