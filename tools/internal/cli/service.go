package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// Where the key and the address are, and what they look like.
const (
	KeyVariable = "TBC_KEY"
	URLVariable = "TBC_URL"
	KeyPrefix   = "tbc_"
	DefaultURL  = "https://thebigclass.com"
)

// Service are the flags that say which service to call, and as whom. The key is none of them: every user of a machine
// can see the arguments of its programs.
type Service struct{ url, keyFile string }

// AddTo adds the flags.
func (s *Service) AddTo(flags *pflag.FlagSet) {
	flags.StringVar(&s.url, "url", "", "`address` of the service; default: $"+URLVariable+", or "+DefaultURL)
	flags.StringVar(&s.keyFile, "key-file", "", "`file` that holds the key; default: the key in $"+KeyVariable)
}

// Key never shows what it refuses.
func (s *Service) Key(getenv func(string) string) (string, error) {
	key := getenv(KeyVariable)
	if s.keyFile != "" {
		text, err := os.ReadFile(s.keyFile)
		if err != nil {
			return "", err
		}
		key = string(text)
	}
	key = strings.TrimSpace(key)
	switch {
	case key == "":
		return "", fmt.Errorf("no key: set %s or give --key-file", KeyVariable)
	case !strings.HasPrefix(key, KeyPrefix) || !Visible(key):
		return "", errors.New("the key does not look like one, " + KeyPrefix + "…")
	}
	return key, nil
}

// Address is the origin of the service, without a slash at the end and without the path of the API. The key goes along
// with every call, so plain http is for this machine alone.
func (s *Service) Address(getenv func(string) string) (string, error) {
	address := s.url
	if address == "" {
		address = getenv(URLVariable)
	}
	if address == "" {
		address = DefaultURL
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.User != nil || parsed.RawQuery != "" {
		return "", errors.New("the address is no http or https URL, such as " + DefaultURL)
	}
	if parsed.Scheme == "http" && !IsThisMachine(parsed.Hostname()) {
		return "", errors.New("the address is an http URL of another machine, and the key could be read on the way: " +
			"give an https URL; http is for 127.0.0.1, [::1] and localhost")
	}
	return strings.TrimSuffix(strings.TrimRight(address, "/"), "/api/v1"), nil
}

// IsThisMachine tells whether what is sent to a host stays on this machine. It resolves no names: what a name stands for may differ at the call.
func IsThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}
