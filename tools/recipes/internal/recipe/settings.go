package recipe

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/thebigclass/api/tools/internal/cli"
)

// Settings are what a recipe is configured with: the environment, since arguments can be seen by every user of a machine.
type Settings struct {
	Console

	// Folder is the recipe's own, readable by its owner alone. It exists.
	Folder string

	faults []error
}

// Require is the value of a variable that must be set.
func (s *Settings) Require(name, what string) string {
	value := s.Getenv(name)
	if value == "" {
		s.Fault(fmt.Errorf("%s is not set: %s", name, what))
	}
	return value
}

// Optional is the value of a variable, or fallback.
func (s *Settings) Optional(name, fallback string) string {
	if value := s.Getenv(name); value != "" {
		return value
	}
	return fallback
}

// URL is the value of a variable that must be an https URL, or fallback, which may be empty. Plain http is for this
// machine alone: what is sent has keys and e-mail addresses in it. The value is not repeated in the fault, since the URLs
// of incoming webhooks are secrets.
func (s *Settings) URL(name, fallback string) string {
	value := s.Optional(name, fallback)
	if value == "" {
		return ""
	}
	parsed, err := url.Parse(value)
	switch {
	case err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https"):
		s.Fault(fmt.Errorf("%s is not an https URL", name))
	case parsed.Scheme == "http" && !cli.IsThisMachine(parsed.Hostname()):
		s.Fault(fmt.Errorf("%s is plain http, which is for this machine alone: use https", name))
	}
	return value
}

// Fault adds what is wrong with the configuration. The program prints all of them and ends before it has begun.
func (s *Settings) Fault(err error) { s.faults = append(s.faults, err) }

func (s *Settings) check() error {
	if len(s.faults) == 0 {
		return nil
	}
	return cli.WrongUsage(errors.Join(s.faults...))
}
