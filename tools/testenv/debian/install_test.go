package debian

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A machine that has the program is left alone, one that may be changed gets it, and elsewhere a person is told what to
// install, also when the installer fails.
func TestFindOrInstall_InstallsWhatIsMissingWhereItMay(t *testing.T) {
	errMissing := errors.New("install it")
	errElse := errors.New("broken")
	for name, c := range map[string]struct {
		installer string
		finds     []error // one after the other
		want      error
		installed bool
	}{
		"there":   {"exit 1", []error{nil}, nil, false},
		"broken":  {"exit 1", []error{errElse}, errElse, false},
		"missing": {"exit 0", []error{errMissing, nil}, nil, true},
		"cannot":  {"exit 1", []error{errMissing}, errMissing, true},
		"in vain": {"exit 0", []error{errMissing, errMissing}, errMissing, true},
		"no apt":  {"", []error{errMissing}, errMissing, false},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			t.Setenv("PATH", folder+":/bin:/usr/bin")
			if c.installer == "" {
				t.Setenv("PATH", folder)
			} else if err := os.WriteFile(filepath.Join(folder, "apt-get"), []byte("#!/bin/sh\n"+c.installer+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			if c.installed && os.Geteuid() != 0 { // only root may install
				c.want = errMissing
			}
			var log strings.Builder
			_, err := FindOrInstall(t.Context(), &log, Wanted{Missing: errMissing, Packages: []string{"thing"}, Find: func() (string, error) {
				found := c.finds[0]
				c.finds = c.finds[1:]
				return "thing", found
			}})
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if tried := strings.Contains(log.String(), "installing thing"); tried != (c.installed && os.Geteuid() == 0) {
				t.Errorf("installed %t: %s", tried, &log)
			}
		})
	}
}
