package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

const dialTimeout = 30 * time.Second

// reach is which addresses may be asked for a file. Events bring them, so whoever may announce a recording chooses them,
// and what answers ends up in the bucket.
type reach struct {
	clear bool // http from other machines too
	near  bool // this machine and its private networks too
}

// Ranges for which netip has no word.
var (
	// sharedRanges are behind a provider's NAT, or on a bench: private in all but name.
	sharedRanges = ranges("100.64.0.0/10", "198.18.0.0/15")
	// closedRanges are no machine's on the internet. In the last one, Azure answers each of its machines with their secrets.
	closedRanges = ranges("0.0.0.0/8", "192.0.0.0/24", "240.0.0.0/4", "168.63.129.16/32")
	// openRanges are all of IPv6 that is given out; tunnelRanges in it carry IPv4 addresses.
	openRanges, tunnelRanges = ranges("2000::/3"), ranges("2002::/16", "2001::/32")
	// translated addresses end in an IPv4 address, to which a gateway leads (RFC 6052).
	translated = ranges("64:ff9b::/96")
)

func ranges(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

func within(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// meant is the address that one in another notation leads to.
func meant(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("") // with a zone it would be in no range
	if within(translated, a) {
		b := a.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// nearby is this machine, or one in its private networks.
func nearby(a netip.Addr) bool {
	a = meant(a)
	return a.IsLoopback() || a.IsPrivate() || within(sharedRanges, a)
}

// may tells whether a machine may be asked. Link-local addresses, where clouds keep their machines' secrets, never may.
func (r reach) may(a netip.Addr) bool {
	if a = meant(a); nearby(a) {
		return r.near
	}
	if a.Is4() {
		return a.IsGlobalUnicast() && !within(closedRanges, a)
	}
	return within(openRanges, a) && !within(tunnelRanges, a)
}

// check tells beforehand, from the text alone, why an address may not be asked; dialled has the last word.
func (r reach) check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return errors.New("the file's address is no https URL")
	case !r.clear && !unread(u):
		return errors.New("the file's address is not https, see " + httpVariable)
	case local(u) && !r.near:
		return errNear
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !r.may(a) {
		return errNear
	}
	return nil
}

var errNear = errors.New("the file's address leads into this machine or its network, see " + nearVariable)

// unread tells whether nobody can read what comes from there on the way.
func unread(u *url.URL) bool {
	return u.Scheme == "https" || cli.IsThisMachine(u.Hostname())
}

// local tells whether an address says itself that it is nearby.
func local(u *url.URL) bool {
	a, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || (err == nil && nearby(a))
}

// dialled is asked about every connection, when names have become addresses: a name may lead anywhere, and elsewhere a
// moment later.
func (r reach) dialled(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return recipe.Permanent(fmt.Errorf("the file's address cannot be judged: %w", err))
	}
	if !r.may(to.Addr()) {
		return recipe.Permanent(errNear)
	}
	return nil
}

// client follows redirects with care: they may not lead from https to http, nor from elsewhere to what is nearby.
func (r reach) client(plain *http.Client) *http.Client {
	guarded, transport := *plain, new(http.Transport)
	if given, ok := plain.Transport.(*http.Transport); ok { // no other could be told whom it may dial
		transport = given.Clone()
	}
	transport.DisableCompression = true // lengths and parts are those of the file itself
	transport.DialContext = (&net.Dialer{Timeout: dialTimeout, Control: r.dialled}).DialContext
	guarded.Transport = transport
	guarded.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		first, last := via[0].URL, via[len(via)-1].URL
		switch {
		case len(via) > mostRedirect:
			return recipe.Permanent(errors.New("the file's address leads from one to another without end"))
		case r.check(request.URL.String()) != nil, last.Scheme == "https" && request.URL.Scheme == "http", local(request.URL) && !local(first):
			return recipe.Permanent(errors.New("the file's address leads to one that is not allowed"))
		}
		return nil
	}
	return &guarded
}
