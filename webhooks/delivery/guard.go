package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// Guard decides which destinations may be sent to. The zero Guard permits https to public addresses alone. Its
// exceptions are the operator's, never a workspace's.
type Guard struct {
	// AllowCIDRs are private networks that may be sent to. Link-local and metadata addresses stay forbidden even
	// inside them.
	AllowCIDRs []netip.Prefix
	// AllowHTTP permits plain http.
	AllowHTTP bool
}

// ErrForbidden is a destination that the guard refuses. The errors that wrap it are sentences for whoever entered
// the URL, and name no address that a name resolved to.
var ErrForbidden = errors.New("destination is not allowed")

const maxURL = 2048

// CheckURL refuses what can be known to be wrong when an endpoint is saved. A name is not resolved: what it leads to
// is checked at every dial, where it counts.
func (g Guard) CheckURL(raw string) error {
	if len(raw) > maxURL {
		return forbidden("the URL is over %d characters", maxURL)
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return forbidden("the URL has a space or another character that must be escaped")
	}
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Opaque != "" {
		return forbidden("the URL cannot be read")
	}
	switch {
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !g.AllowHTTP):
		return forbidden("the URL must begin with https://")
	case parsed.User != nil:
		return forbidden("the URL must not hold a user or password")
	case parsed.Fragment != "" || strings.HasSuffix(raw, "#"):
		return forbidden("the URL must not have a fragment")
	}
	if port := parsed.Port(); port != "" || strings.HasSuffix(parsed.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return forbidden("the port of the URL is not from 1 to 65535")
		}
	}
	return g.checkHost(parsed.Hostname())
}

// checkHost refuses literal addresses that are not allowed, and what only looks like a name: other spellings of IPv4
// addresses (a last label of digits, or hexadecimal), and names that always mean this machine or network.
func (g Guard) checkHost(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		if !g.allows(addr) {
			return forbidden("the address is private or special")
		}
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return forbidden("the host of the URL is not a name")
		}
	}
	if strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == "" {
		return forbidden("the host of the URL is not a name")
	}
	if last == "localhost" && !g.allows(netip.MustParseAddr("127.0.0.1")) {
		return forbidden("the host is this machine")
	}
	return nil
}

// Control is for net.Dialer: it sees the address that is about to be dialled, after every resolution, so a name that
// changes its mind between check and use gains nothing.
func (g Guard) Control(network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return forbidden("only TCP is sent to")
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return forbidden("the address cannot be read")
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || !g.allows(addr) {
		return forbidden("the host leads to a private or special address")
	}
	return nil
}

// allows decides on an address in whatever spelling: a mapped IPv4 address is judged as what it stands for, and a
// zone is of no account.
func (g Guard) allows(addr netip.Addr) bool {
	addr = addr.WithZone("").Unmap()
	if !addr.IsValid() || within(addr, never) {
		return false
	}
	if within(addr, g.AllowCIDRs) {
		return true
	}
	if addr.Is6() && !globalUnicast.Contains(addr) {
		return false
	}
	return !within(addr, special)
}

func within(addr netip.Addr, list []netip.Prefix) bool {
	for _, prefix := range list {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// globalUnicast is all of IPv6 that is given out. What embeds an IPv4 address outside of it (::127.0.0.1,
// 64:ff9b::/96, fd00::/8 …) needs no entry of its own.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// never are addresses that no exception opens: unspecified, link-local, multicast, broadcast, and the machines that
// hand out credentials in clouds.
var never = prefixes(
	"0.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "224.0.0.0/4",
	"255.255.255.255/32", "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",
)

// special is what IANA's registries list as not globally reachable, and what carries other addresses inside.
var special = prefixes(
	"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
	"192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"2001::/23",     // IETF assignments: Teredo, benchmarking, ORCHID
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"2620:4f:8000::/48",
	"3fff::/20", // documentation
)

func prefixes(list ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(list))
	for i, text := range list {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

func forbidden(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrForbidden, fmt.Sprintf(format, args...))
}
