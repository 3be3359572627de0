package delivery_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/thebigclass/api/webhooks/delivery"
)

// Every spelling of an address that is not public is refused, before it is saved and when it is dialled.
func TestGuard_RefusesSpecialAddressesInEverySpelling(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "100.64.0.1", "100.127.255.255", "192.0.0.192",
		"192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250",
		"240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1",
		"fe80::1", "fe80::1%25eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::127.0.0.1",
		"64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2001:20::1", "100::1",
		"3fff::1", "5f00::1",
	} {
		addr, err := netip.ParseAddr(host)
		literal := host
		if err != nil || addr.Is6() {
			literal = "[" + host + "]"
		}
		if err := (delivery.Guard{}).CheckURL("https://" + literal + "/hook"); !errors.Is(err, delivery.ErrForbidden) {
			t.Errorf("CheckURL of %s: %v", literal, err)
		}
		if err == nil {
			dialled := netip.AddrPortFrom(addr, 443).String()
			if err := (delivery.Guard{}).Control("tcp", dialled, nil); !errors.Is(err, delivery.ErrForbidden) {
				t.Errorf("dial of %s: %v", dialled, err)
			}
		}
	}
}

func TestGuard_RefusesWhatIsNoPublicHTTPSURL(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "example.com", "http://example.com", "ftp://example.com", "https:example.com", "https://", "https:///x",
		"https://user@example.com", "https://user:pw@example.com", "https://example.com@127.0.0.1/", "https://example.com/#part",
		"https://example.com/#", "https://example.com:0", "https://example.com:", "https://example.com:65536",
		"https://2130706433", "https://0x7f000001", "https://0x7f.1", "https://0177.0.0.1", "https://127.1", "https://127.0.1",
		"https://1.2.3.4.5", "https://１２７.0.0.1", "https://①②⑦.0.0.1", "https://localhost", "https://LOCALHOST.", "https://a.localhost",
		"https://exa mple.com", "https://example.com/\n", "https://example.com\\@127.0.0.1", "https://ex%61mple.com", "https://a..b",
		"https://[::1", "https://127.0.0.1.", "https://0x7f.0.0.1.", "https://a.0x1f", "https://08.8.8.8",
		"https://127。0。0。1", "https://%E2%91%A0%E2%91%A1%E2%91%A6.0.0.1", "https://%31%32%37.0.0.1", "https://[::ffff:127.0.0.1%25lo]",
		"https://[fe80::1%25en0]:8443", "https://[::1]x", "https://example.com:443:80", "https://example.com:+443", "https://example.com:https",
		"https://例え.example", "https://xn--\u00df.example", "https://ex\u00adample.com", "https://example\u200b.com", "https://-\u2024.com",
		"https://@example.com", "https://:@example.com", "https://user%40a@example.com", "https:\\\\example.com", "https://example.com%00.evil",
		"HTTP://example.com", "javascript:alert(1)", "file:///etc/passwd", "gopher://example.com", "//example.com", "https://*.example.com",
		"https://example.com/" + string(make([]byte, 3000)),
	} {
		if err := (delivery.Guard{}).CheckURL(raw); !errors.Is(err, delivery.ErrForbidden) {
			t.Errorf("CheckURL(%.60q): %v, want ErrForbidden", raw, err)
		}
	}
}

func TestGuard_AllowsPublicHosts(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"https://example.com", "https://hooks.example.com:8443/a?b=c", "https://93.184.216.34/", "https://[2606:4700::1111]/",
		"https://xn--bcher-kva.example/", "https://my_host.example.com.", "https://192.0.9.1/", "https://100.63.255.255",
	} {
		if err := (delivery.Guard{}).CheckURL(raw); err != nil {
			t.Errorf("CheckURL(%q): %v", raw, err)
		}
	}
}

// The operator's exceptions open private networks, never the machines that hand out credentials.
func TestGuard_ExceptionsAreTheOperators(t *testing.T) {
	t.Parallel()
	guard := delivery.Guard{AllowHTTP: true, AllowCIDRs: []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
		netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("::1/128"),
	}}
	for raw, allowed := range map[string]bool{
		"http://127.0.0.1:9000/": true, "http://localhost:9000": true, "http://[::ffff:127.0.0.1]/": true, "http://10.9.8.7": true,
		"https://[fd00::1]/": true, "http://[::1]:80/": true, "http://example.com": true,
		"http://192.168.0.1": false, "http://169.254.169.254/": false, "http://[fd00:ec2::254]/": false, "http://0.0.0.0/": false,
	} {
		if err := guard.CheckURL(raw); (err == nil) != allowed {
			t.Errorf("CheckURL(%q): %v, allowed should be %v", raw, err, allowed)
		}
	}
}

// notReachable are the entries of IANA's IPv4 and IPv6 Special-Purpose Address Registries that are not globally reachable,
// of which that is not said, or that carry an address inside.
var notReachable = []string{
	"0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.0.0/29", "192.0.0.8/32", "192.0.0.170/32", "192.0.0.171/32", "192.0.2.0/24", "192.88.99.0/24", "192.88.99.2/32",
	"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
	"::1/128", "::/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32",
	"2001:2::/48", "2001:10::/28", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
	"::/96", "::ffff:0:0:0/96", "fec0::/10", "ff00::/8", "224.0.0.0/4", // not in the registries: compatible, translated, site-local, multicast
}

// reachable are those that are globally reachable, for protocols that are not ours. Nobody has a receiver there.
var reachable = []string{
	"192.0.0.9/32", "192.0.0.10/32", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24",
	"2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28", "2620:4f:8000::/48",
}

// No special-purpose network is sent to: neither its first address, nor its last, nor one mapped into IPv6.
func TestGuard_RefusesEverySpecialPurposeNetwork(t *testing.T) {
	t.Parallel()
	for _, network := range append(notReachable, reachable...) {
		prefix := netip.MustParsePrefix(network)
		for _, addr := range []netip.Addr{prefix.Addr(), prefix.Addr().Next(), last(prefix).Prev(), last(prefix)} {
			if !prefix.Contains(addr) {
				continue
			}
			refused(t, addr)
			if addr.Is4() {
				refused(t, netip.AddrFrom16(addr.As16()))
			} else {
				refused(t, addr.WithZone("eth0"))
			}
		}
	}
}

// last is the highest address of a network.
func last(prefix netip.Prefix) netip.Addr {
	bytes := prefix.Addr().AsSlice()
	for bit := prefix.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

func refused(t *testing.T, addr netip.Addr) {
	t.Helper()
	if err := (delivery.Guard{}).Control("tcp", netip.AddrPortFrom(addr, 443).String(), nil); !errors.Is(err, delivery.ErrForbidden) {
		t.Errorf("dial of %s: %v", addr, err)
	}
	literal := strings.ReplaceAll(addr.String(), "%", "%25")
	if strings.Contains(literal, ":") {
		literal = "[" + literal + "]"
	}
	if err := (delivery.Guard{}).CheckURL("https://" + literal + "/"); !errors.Is(err, delivery.ErrForbidden) {
		t.Errorf("CheckURL of %s: %v", literal, err)
	}
}

// What lies beside a special network is public: the guard is no wider than it says.
func TestGuard_AllowsTheNeighboursOfSpecialNetworks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
		"169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "168.63.129.15",
		"2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2003::", "2620:4f:8001::", "3ffe:ffff::", "3fff:1000::", "2606:4700::1111",
	} {
		addr := netip.MustParseAddr(text)
		if err := (delivery.Guard{}).Control("tcp", netip.AddrPortFrom(addr, 443).String(), nil); err != nil {
			t.Errorf("dial of %s: %v", addr, err)
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"https://example.com", "https://[::ffff:7f00:1]:1/", "http://127.1", "https://a@b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if err := (delivery.Guard{}).CheckURL(raw); err != nil && !errors.Is(err, delivery.ErrForbidden) {
			t.Errorf("CheckURL(%q): %v is not ErrForbidden", raw, err)
		}
	})
}
