package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/thebigclass/api/store"
)

// Config is all that the environment decides, read once at the start.
// Secrets sit in types that do not print.
type Config struct {
	Production     bool
	Addr           string         // listen address, host:port
	BaseURL        string         // public origin without a trailing slash; links are built from it, never from Host
	DatabaseURL    DatabaseURL    // sqlite:<path> or postgres://…
	MasterKey      MasterKey      // empty in development: the caller makes one beside the database
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	StopDelay      time.Duration  // from readiness turning false to the closing of the door, for load balancers
	Roles          []Role         // none is all
	Webhooks       WebhookConfig
	Mail           MailConfig
	Tracing        bool // whether OpenTelemetry traces are sent; the OTEL_* variables say where to
	LogLevel       slog.Level
	LogFormat      string // "text", "json", or "" for text on a terminal and json elsewhere
}

// DatabaseURL may hold a password, so it prints without one.
type DatabaseURL string

// String is the URL with its password replaced.
func (u DatabaseURL) String() string {
	if strings.HasPrefix(string(u), "sqlite:") {
		return string(u)
	}
	parsed, err := url.Parse(string(u))
	if err != nil {
		return "(unreadable)"
	}
	return parsed.Redacted()
}

// Format hides the password from every verb.
func (u DatabaseURL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// MarshalText hides the password from JSON, and so from logs.
func (u DatabaseURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// MasterKey is the text of the key ring that seals stored secrets. It never prints.
type MasterKey string

const hiddenSecret = "(secret)"

// Format hides the key from every verb.
func (MasterKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenSecret) }

// MarshalText hides the key from JSON, and so from logs.
func (MasterKey) MarshalText() ([]byte, error) { return []byte(hiddenSecret), nil }

// SQLitePath is the database's file, or "" on PostgreSQL.
func (c Config) SQLitePath() string {
	path, _ := strings.CutPrefix(string(c.DatabaseURL), "sqlite:")
	if path == string(c.DatabaseURL) {
		return ""
	}
	path, _, _ = strings.Cut(path, "?")
	return path
}

// ReadConfig reads the environment through lookup (os.LookupEnv in production).
// It reports every fault at once, one a line, so that an operator fixes them in one go.
func ReadConfig(lookup func(string) (string, bool)) (Config, error) {
	env := environment{lookup: lookup}
	c := Config{
		Production:     env.oneOf("TBC_ENV", "development", "development", "production") == "production",
		Addr:           env.address("TBC_ADDR", "127.0.0.1:8080"),
		DatabaseURL:    env.database("DATABASE_URL", "sqlite:data/tbc.db"),
		MasterKey:      env.masterKey("TBC_MASTER_KEY"),
		TrustedProxies: env.prefixes("TBC_TRUSTED_PROXIES"),
		StopDelay:      env.duration("TBC_STOP_DELAY", 0, 0, time.Minute),
		Roles:          env.roles("TBC_ROLES"),
		LogLevel:       env.level("TBC_LOG_LEVEL"),
		LogFormat:      env.oneOf("TBC_LOG_FORMAT", "", "text", "json"),
	}
	c.BaseURL = env.origin("TBC_BASE_URL", "http://"+c.Addr)
	if c.Production && c.MasterKey == "" {
		env.fault("TBC_MASTER_KEY", "is required in production: set 32 random bytes in base64, for example from `openssl rand -base64 32`")
	}
	c.Webhooks = env.webhooks(c.Production)
	c.Mail = env.mail()
	c.Tracing = env.tracing()
	return c, errors.Join(env.faults...)
}

// environment reads variables and collects what is wrong with them.
type environment struct {
	lookup func(string) (string, bool)
	faults []error
}

func (e *environment) fault(name, issue string) {
	e.faults = append(e.faults, fmt.Errorf("%s %s", name, issue))
}

// text is the variable's value, or fallback where it is unset or empty.
func (e *environment) text(name, fallback string) string {
	if value, ok := e.lookup(name); ok && strings.TrimSpace(value) != "" {
		return strings.TrimSpace(value)
	}
	return fallback
}

func (e *environment) oneOf(name, fallback string, allowed ...string) string {
	value := e.text(name, fallback)
	if value == fallback {
		return value
	}
	for _, a := range allowed {
		if value == a {
			return value
		}
	}
	e.fault(name, fmt.Sprintf("must be %s, not %q", strings.Join(allowed, " or "), value))
	return fallback
}

func (e *environment) address(name, fallback string) string {
	value := e.text(name, fallback)
	if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
		e.fault(name, fmt.Sprintf("must be host:port, not %q", value))
		return fallback
	}
	return value
}

func (e *environment) database(name, fallback string) DatabaseURL {
	value := e.text(name, fallback)
	for _, scheme := range []string{"sqlite:", "postgres://", "postgresql://"} {
		if rest, ok := strings.CutPrefix(value, scheme); ok && rest != "" {
			return DatabaseURL(value)
		}
	}
	// The value may hold a password: it is not repeated.
	e.fault(name, "must be sqlite:<path> or postgres://…")
	return DatabaseURL(fallback)
}

// masterKey is checked here, beside the other faults, by the store's own parser.
func (e *environment) masterKey(name string) MasterKey {
	value := e.text(name, "")
	if value == "" {
		return ""
	}
	if _, err := store.ParseKeyring(value); err != nil {
		e.fault(name, "is no key ring: 32 bytes in base64, or several as id:base64 separated by commas")
		return ""
	}
	return MasterKey(value)
}

func (e *environment) prefixes(name string) []netip.Prefix {
	var prefixes []netip.Prefix
	for part := range strings.SplitSeq(e.text(name, ""), ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			e.fault(name, fmt.Sprintf("must be CIDRs separated by commas; %q is none", part))
			continue
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes
}

func (e *environment) level(name string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(e.text(name, "info"))); err != nil {
		e.fault(name, "must be debug, info, warn or error")
	}
	return level
}

// origin is a scheme and a host: a path would be lost from the links built on it.
func (e *environment) origin(name, fallback string) string {
	value := strings.TrimSuffix(e.text(name, fallback), "/")
	parsed, err := url.Parse(value)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" || parsed.Path != "" || parsed.RawQuery != "" {
		e.fault(name, fmt.Sprintf("must be an origin such as https://thebigclass.com, not %q", value))
		return fallback
	}
	return value
}
