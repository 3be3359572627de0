package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

const (
	keyVariable = "TBC_KEY"
	urlVariable = "TBC_URL"
	keyPrefix   = "tbc_"
	defaultURL  = "https://thebigclass.com"
)

// options is the command line. The key is never part of it: every user of a
// machine can see the arguments of its programs.
type options struct {
	url, keyFile          string
	format, since         string
	only                  string // of the accounting export
	includeTest           bool
	leaveMinute, leaveDay int
	waitForDay, quiet     bool
}

// common are the flags of all commands.
func (o *options) common(flags *pflag.FlagSet) {
	flags.StringVar(&o.url, "url", "", "`address` of the service; default: $"+urlVariable+", or "+defaultURL)
	flags.StringVar(&o.keyFile, "key-file", "", "`file` that holds the key; default: the key in $"+keyVariable)
	flags.IntVar(&o.leaveMinute, "leave-minute", 5, "`calls` of each minute to leave to other users of the key")
	flags.IntVar(&o.leaveDay, "leave-day", 50, "`calls` of each day to leave to other users of the key")
	flags.BoolVar(&o.waitForDay, "wait-for-day", false, "when a day's calls are used up, wait until the next day instead of ending")
	flags.BoolVar(&o.quiet, "quiet", false, "print errors alone")
}

// check reports all faults together.
func (o *options) check(c console) (r request, key string, err error) {
	var faults []error
	note := func(fault error) {
		if fault != nil {
			faults = append(faults, fault)
		}
	}
	r = request{Format: o.format, Only: o.only, Test: o.includeTest}
	key, fault := o.key(c)
	note(fault)
	r.URL, fault = o.address(c)
	note(fault)
	r.Since, fault = o.time()
	note(fault)
	if formats := o.formats(); !slices.Contains(formats, o.format) {
		note(fmt.Errorf("--format is none of %s", strings.Join(formats, ", ")))
	}
	if o.leaveMinute < 0 || o.leaveDay < 0 {
		note(errors.New("--leave-minute and --leave-day may not be negative"))
	}
	return r, key, errors.Join(faults...)
}

func (o *options) formats() []string {
	if o.only != "" {
		return accountingFormats
	}
	return []string{jsonlFormat, csvFormat, sqliteFormat}
}

// key never shows what it refuses.
func (o *options) key(c console) (string, error) {
	key := c.getenv(keyVariable)
	if o.keyFile != "" {
		text, err := os.ReadFile(o.keyFile)
		if err != nil {
			return "", err
		}
		key = string(text)
	}
	key = strings.TrimSpace(key)
	switch {
	case key == "":
		return "", fmt.Errorf("no key: set %s or give --key-file", keyVariable)
	case !strings.HasPrefix(key, keyPrefix) || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", errors.New("the key does not look like one, " + keyPrefix + "…")
	}
	return key, nil
}

func (o *options) address(c console) (string, error) {
	address := o.url
	if address == "" {
		address = c.getenv(urlVariable)
	}
	if address == "" {
		address = defaultURL
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.User != nil || parsed.RawQuery != "" {
		return "", errors.New("the address is no http or https URL, such as " + defaultURL)
	}
	return strings.TrimSuffix(strings.TrimRight(address, "/"), "/api/v1"), nil
}

func (o *options) time() (*time.Time, error) {
	if o.since == "" {
		return nil, nil
	}
	since, err := time.Parse(time.RFC3339, o.since)
	if err != nil {
		return nil, errors.New("--since is no time such as 2026-05-19T14:23:14Z")
	}
	since = since.UTC().Truncate(time.Microsecond) // as exact as the service
	return &since, nil
}
