package server

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientAddress is who called: the connection's peer, or the address that
// proxies named in the configuration report. X-Forwarded-For is read from its
// right end, because only what our own proxies appended can be believed: the
// first address that is no trusted proxy is the client.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := plain(peer.Addr())
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(client, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // what a proxy did not write as an address names nobody
		}
		client = plain(hop)
	}
	return client
}

// plain drops the zone and the IPv6 wrapping of an IPv4 address, so that one
// client has one spelling.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, prefix := range trusted {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// addressGroup is what one anonymous caller can hold at no cost: one IPv4
// address, or the /64 that a single IPv6 subscriber is given.
func addressGroup(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}
