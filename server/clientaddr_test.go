package server

import (
	"net/http"
	"net/netip"
	"testing"
)

// Whoever can choose the address chooses the bucket: a header counts only
// through proxies that the configuration names.
func TestClientAddress_TrustsOnlyNamedProxies(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no header":                       {"203.0.113.9:5", nil, "203.0.113.9"},
		"a stranger's header":             {"203.0.113.9:5", []string{"198.51.100.1"}, "203.0.113.9"},
		"one proxy":                       {"10.1.2.3:5", []string{"198.51.100.1"}, "198.51.100.1"},
		"what the client made up is left": {"10.1.2.3:5", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		"two proxies, two lines":          {"10.1.2.3:5", []string{"198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
		"only proxies":                    {"10.1.2.3:5", []string{"10.9.9.9"}, "10.9.9.9"},
		"not an address":                  {"10.1.2.3:5", []string{"198.51.100.1, unknown"}, "10.1.2.3"},
		"an IPv4 address in IPv6 dress":   {"[::ffff:10.1.2.3]:5", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"an IPv6 proxy with a zone":       {"[fd00::1%eth0]:5", []string{"2001:db8::7"}, "2001:db8::7"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := clientAddress(r, proxies).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestAddressGroup_IsOneIPv4AddressOrOneIPv6Subscriber(t *testing.T) {
	t.Parallel()
	group := func(text string) netip.Prefix { return addressGroup(netip.MustParseAddr(text)) }
	if group("2001:db8:1:2::1") != group("2001:db8:1:2:ffff::9") {
		t.Error("two addresses of one /64 are counted apart")
	}
	if group("2001:db8:1:2::1") == group("2001:db8:1:3::1") {
		t.Error("two /64 are counted together")
	}
	if group("198.51.100.1") == group("198.51.100.2") {
		t.Error("two IPv4 addresses are counted together")
	}
}
