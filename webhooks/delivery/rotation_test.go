package delivery_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks"
	"github.com/thebigclass/api/webhooks/delivery"
	"github.com/thebigclass/api/webhooks/internal/nodereceiver"
)

// overlap is short, so that the Node receivers, whose clocks stand still, see all of a rotation inside the window of
// five minutes. The time of a transaction can be ahead of a clock that stands still, so its end is passed by far.
const (
	overlap     = time.Minute
	pastOverlap = overlap + time.Second
)

func (b *bench) rotate(id string) (secret string) {
	b.t.Helper()
	storetest.Tx(b.t, b.workspace, func(tx *store.Tx) (err error) {
		_, secret, err = tx.RotateSecret(b.t.Context(), id, overlap)
		return err
	})
	return secret
}

// rotation walks one endpoint through an overlap. Its receiver changes instances as a test says.
type rotation struct {
	*bench
	*front
}

// deliver sends one event to an instance, which must take it at the attempt, and reports how many requests that took.
func (r rotation) deliver(instance string) (requests []string) {
	r.t.Helper()
	r.to(r.t, instance)
	r.emit(1)
	outcome := r.stored()
	delivered, attempts, err := r.workspace.Delivery(r.t.Context(), outcome.Claim.DeliveryID)
	if err != nil || delivered.Status != store.DeliverySucceeded || len(attempts) != 1 {
		r.t.Fatalf("an event was missed: %+v, %+v, %v", delivered, attempts, err)
	}
	return r.taken()
}

// through is a whole rotation: the instances that get the events of the overlap, old or new, and the number of requests
// that each of them takes. After its end there are new ones only.
func (r rotation) through(walk []step, instances map[string]string) {
	r.t.Helper()
	for i, s := range walk {
		requests := r.deliver(instances[s.instance])
		if len(requests) != s.requests || strings.Count(requests[0], "v1=") != 2 {
			r.t.Errorf("event %d to the %s instance took %d requests, want %d: %q", i, s.instance, len(requests), s.requests, requests)
		}
	}
	r.Clock.Advance(pastOverlap)
	for range 2 {
		if requests := r.deliver(instances["new"]); len(requests) != 1 || strings.Count(requests[0], "v1=") != 1 {
			r.t.Errorf("after the overlap: %q, want one request with one signature", requests)
		}
	}
}

type step struct {
	instance string
	requests int
}

// The page's receiver looks at the last signature alone. Whichever secret it holds when, it misses nothing.
func TestRotation_NoReceiverMissesAnEvent(t *testing.T) {
	t.Parallel()
	for name, walk := range map[string][]step{
		"keeps the old secret until the overlap ends": {{"old", 1}, {"old", 1}, {"old", 1}},
		"switches at once":                            {{"new", 2}, {"new", 1}, {"new", 1}},
		"switches in between":                         {{"old", 1}, {"new", 2}, {"new", 1}},
		"has instances of both kinds":                 {{"old", 1}, {"new", 2}, {"old", 2}, {"old", 1}, {"new", 2}, {"new", 1}, {"old", 2}},
		"verifies every signature":                    {{"both", 1}, {"both", 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *storetest.DB) {
				b := newBench(t, db)
				front, address := newFront(t)
				r := rotation{b, front}
				id, old := r.endpoint(address)
				r.start(delivery.Config{})
				for range 2 { // a second rotation begins again with the old secret last
					fresh := r.rotate(id)
					r.through(walk, map[string]string{
						"old": pageInstance(t, old), "new": pageInstance(t, fresh), "both": carefulInstance(t, db.Clock.Now, old, fresh),
					})
					old = fresh
				}
			})
		})
	}
}

// A receiver that changes over the moment it is told does so while requests are under way that were claimed, and signed,
// before the rotation. It misses none of them: neither those of the only secret, nor those of an overlap before.
func TestRotation_ReceiverChangesOverWhileARequestIsUnderWay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		front, address := newFront(t)
		r := rotation{b, front}
		var id string
		changes := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			r.to(t, pageInstance(t, r.rotate(id)))
			w.WriteHeader(http.StatusUnauthorized)
		}).URL
		id, _ = r.endpoint(address)
		r.start(delivery.Config{})
		for range 3 {
			if requests := r.deliver(changes); len(requests) < 2 || strings.Count(requests[len(requests)-1], "v1=") != 2 {
				t.Errorf("the requests were signed %q, want one after the rotation", requests)
			}
		}
	})
}

// The same with the page's example itself, on Express.
func TestRotation_NodeReceiverMissesNoEvent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		front, address := newFront(t)
		r := rotation{b, front}
		id, old := r.endpoint(address)
		fresh := r.rotate(id)
		start := func(secret string) string {
			return nodereceiver.Start(t, "../testdata/node", secret, db.Clock.Now())
		}
		instances := map[string]string{"old": start(old), "new": start(fresh)}
		r.start(delivery.Config{})
		r.through([]step{{"old", 1}, {"old", 1}, {"new", 2}, {"new", 1}, {"old", 2}, {"new", 2}}, instances)
	})
}

// A balancer gives each connection an instance, so the repeat has to go over the connection of the attempt.
func TestRotation_RepeatReachesTheSameInstance(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		connections := make(chan string, 100)
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			connections <- r.RemoteAddr
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, strings.Repeat("no ", 1000))
		})
		id, _ := b.endpoint(server.URL)
		b.rotate(id)
		b.start(delivery.Config{})
		for range 3 {
			b.emit(1)
			b.stored()
			if first, second := await(t, connections), await(t, connections); first != second {
				t.Errorf("the repeat came over %s, the attempt over %s", second, first)
			}
		}
	})
}

// Who holds neither secret is told twice and no more, and who holds the only one is told once.
func TestRotation_RefusedInBothOrdersFailsAfterOneAttempt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		front, address := newFront(t)
		front.to(t, pageInstance(t, "whsec_of_somebody_else"))
		id, _ := b.endpoint(address)
		b.start(delivery.Config{})
		refused := func(signatures int) store.Attempt {
			t.Helper()
			b.emit(1)
			got, attempts, err := b.workspace.Delivery(t.Context(), b.stored().Claim.DeliveryID)
			if err != nil || got.Status != store.DeliveryFailed || len(attempts) != 1 || *attempts[0].StatusCode != 401 {
				t.Fatalf("%+v, %+v, %v", got, attempts, err)
			}
			if n := strings.Count(attempts[0].RequestHeaders[webhooks.HeaderSignature], "v1=…"); n != signatures {
				t.Errorf("the log shows %d signatures, want %d", n, signatures)
			}
			return attempts[0]
		}
		if refused(1); len(front.taken()) != 1 {
			t.Error("repeated outside of an overlap")
		}
		b.rotate(id)
		attempt := refused(2)
		if *attempt.Error != "answered 401 to every order of the signatures" {
			t.Errorf("the log says %q", *attempt.Error)
		}
		requests := front.taken()
		if len(requests) != 2 {
			t.Fatalf("%d requests, want two", len(requests))
		}
		first, second := strings.Split(requests[0], ","), strings.Split(requests[1], ",")
		if first[1] != second[2] || first[2] != second[1] {
			t.Errorf("the orders were %q", requests)
		}
		b.Clock.Advance(pastOverlap)
		if refused(1); len(front.taken()) != 1 {
			t.Error("repeated after the overlap")
		}
	})
}

// Only a 401 is answered by a repeat, and what the repeat is told decides: here that it shall come again.
func TestRotation_AnswerToTheRepeatDecides(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		answers := make(chan int, 10)
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(<-answers) })
		id, old := b.endpoint(server.URL)
		fresh := b.rotate(id)
		b.start(delivery.Config{})
		for _, c := range []struct {
			answers []int
			status  string
		}{
			{[]int{401, 503}, store.DeliveryPending}, {[]int{403}, store.DeliveryFailed}, {[]int{500}, store.DeliveryPending}, {[]int{401, 404}, store.DeliveryFailed},
		} {
			for _, status := range c.answers {
				answers <- status
			}
			b.emit(1)
			outcome := b.stored()
			got, attempts, err := b.workspace.Delivery(t.Context(), outcome.Claim.DeliveryID)
			if err != nil || got.Status != c.status || len(attempts) != 1 || *got.LastStatusCode != c.answers[len(c.answers)-1] || len(answers) > 0 {
				t.Errorf("%v: %+v, %d attempts, %d answers left, %v", c.answers, got, len(attempts), len(answers), err)
			}
			if outcome.Claim.Secrets[0] != fresh || outcome.Claim.Secrets[1] != old {
				t.Errorf("%v: a repeat that failed changed the order", c.answers)
			}
		}
	})
}

// A stop in mid-repeat is no answer of the receiver: the delivery is given back and made again.
func TestRotation_StopDuringTheRepeatLosesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		release, repeated := make(chan struct{}), make(chan net.Addr, 10)
		requests := 0
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if requests++; requests == 1 {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			repeated <- nil
			<-release
		})
		t.Cleanup(func() { close(release) })
		id, _ := b.endpoint(server.URL)
		b.rotate(id)
		b.start(delivery.Config{Drain: time.Millisecond})
		b.emit(1)
		await(t, repeated)
		b.stop()
		again, err := b.ClaimDeliveries(t.Context(), 10)
		if err != nil || len(again) != 1 || again[0].Attempt != 1 {
			t.Errorf("after the stop: %+v, %v", again, err)
		}
	})
}

// An endpoint whose secret cannot be opened says so in its log and is tried again; others go on.
func TestEngine_SecretThatCannotBeOpenedIsLoggedAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := newBench(t, db)
		reached := make(chan string, 10)
		server := serve(t, func(_ http.ResponseWriter, r *http.Request) { reached <- r.URL.Path })
		lost, _ := b.endpoint(server.URL + "/lost")
		config := db.Config()
		config.Keyring = storetest.NewKeyring(t)
		stranger, err := store.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stranger.Close() })
		b.queue.Store, b.workspace = stranger, stranger.Workspace(b.workspace.ID())
		sound, _ := b.endpoint(server.URL + "/sound")
		b.start(delivery.Config{})
		b.emit(1)
		for range 2 {
			outcome := b.stored()
			got, attempts, err := b.workspace.Delivery(t.Context(), outcome.Claim.DeliveryID)
			switch {
			case err != nil || len(attempts) != 1:
				t.Fatalf("%+v, %v", attempts, err)
			case got.EndpointID == sound && got.Status != store.DeliverySucceeded:
				t.Errorf("the other endpoint: %+v", got)
			case got.EndpointID == lost && (got.Status != store.DeliveryPending || *attempts[0].Error != "the signing secret cannot be decrypted"):
				t.Errorf("the endpoint without a secret: %+v, %+v", got, attempts[0])
			}
		}
		if path := await(t, reached); path != "/sound" || len(reached) > 0 {
			t.Errorf("sent to %s and %d more", path, len(reached))
		}
	})
}
