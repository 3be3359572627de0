package delivery_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks/delivery"
)

// nameServer answers every question with one address, which may change.
type nameServer struct {
	conn    net.PacketConn
	address atomic.Pointer[netip.Addr]
}

// resolveAll makes every name of this process lead to one address until the test ends.
func resolveAll(t *testing.T) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &nameServer{conn: conn}
	done := make(chan struct{})
	go func() { defer close(done); server.serve() }()
	usual := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = usual
		_ = conn.Close()
		<-done
	})
	return server
}

func (s *nameServer) lead(to string) {
	address := netip.MustParseAddr(to)
	s.address.Store(&address)
}

func (s *nameServer) serve() {
	packet := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		_, _ = s.conn.WriteTo(s.answer(packet[:n]), from)
	}
}

// answer is a DNS message (RFC 1035): the question again, and the address if it is of the kind that was asked for.
func (s *nameServer) answer(question []byte) []byte {
	end := 12
	for question[end] != 0 {
		end += 1 + int(question[end])
	}
	kind := binary.BigEndian.Uint16(question[end+1:])
	end += 5
	message := append([]byte{}, question[:end]...)
	copy(message[2:12], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	address := *s.address.Load()
	if wanted := map[bool]uint16{true: 1, false: 28}[address.Is4()]; kind != wanted {
		return message
	}
	message[7] = 1
	message = append(message, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(address.BitLen()/8))
	return append(message, address.AsSlice()...)
}

// A name that leads elsewhere when it is dialled than when it was saved leads nowhere: the address is judged at
// every dial, and the reason is in the log, without the address.
func TestEngine_RebindingNamesAreNotDialled(t *testing.T) {
	oneByOne(t, func(t *testing.T, db *storetest.DB) {
		names := resolveAll(t)
		b := newBench(t, db)
		arrived := make(chan struct{}, 1)
		receiver := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close") // the next attempt asks for the name again
			arrived <- struct{}{}
		})
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(receiver.URL, "http://"))
		b.endpoint("http://rebind.example:" + port + "/hook")
		public := delivery.Guard{AllowHTTP: true, AllowCIDRs: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}} // stands for a public one
		b.start(delivery.Config{Client: delivery.NewClient(public)})
		names.lead("127.0.0.1")
		b.emit(1)
		if outcome := b.stored(); !outcome.Succeeded {
			t.Fatalf("the name is not dialled at all: %v", *outcome.Attempt.Error)
		}
		await(t, arrived)
		for _, to := range []string{
			"127.0.0.2", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1", "169.254.169.254", "168.63.129.16", "0.0.0.0",
			"224.0.0.1", "::1", "::", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::1", "2001:0:a00:1::1",
			"fe80::1", "fd00:ec2::254", "ff02::1",
		} {
			names.lead(to)
			b.emit(1)
			outcome := b.stored()
			_, attempts, err := b.workspace.Delivery(t.Context(), outcome.Claim.DeliveryID)
			if err != nil || len(attempts) != 1 || attempts[0].Error == nil || *attempts[0].Error != delivery.ErrForbidden.Error() || outcome.RetryIn == nil {
				t.Errorf("%s: the log has %+v, %v", to, attempts, err)
			}
		}
	})
}

// Spellings that are no address for us are names, and are judged by what they lead to.
func TestClient_JudgesWhatOddSpellingsLeadTo(t *testing.T) {
	names := resolveAll(t)
	names.lead("127.0.0.1")
	receiver := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a forbidden address was reached") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(receiver.URL, "http://"))
	client := delivery.NewClient(delivery.Guard{AllowHTTP: true})
	defer client.CloseIdleConnections()
	for _, host := range []string{
		"127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.1.", "１２７.0.0.1", "①②⑦.0.0.1",
		"127。0。0。1", "localhost", "LOCALHOST.", "user@127.0.0.1", "rebind.example", "例え.example", "0", "0.0.0.0", "[::]", "[::1]",
		"[::ffff:127.0.0.1]", "[::127.0.0.1]", "[::ffff:7f00:1]", "[::1%25lo]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+":"+port+"/", nil)
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		var unresolved *net.DNSError
		if !errors.Is(err, delivery.ErrForbidden) && !errors.As(err, &unresolved) {
			t.Errorf("%s: %v", host, err)
		}
	}
}
