package delivery_test

import (
	"errors"
	"net/netip"
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
		"https://[::1", "https://example.com/" + string(make([]byte, 3000)),
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
