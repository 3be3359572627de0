package server

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Role is a part that a process can run. Splitting them over processes needs PostgreSQL.
type Role string

// The roles.
const (
	RoleAPI      Role = "api"      // answers HTTP under /api/v1
	RoleDelivery Role = "delivery" // sends webhooks and e-mails
)

// Runs reports whether the process has the role. Without any it has all.
func (c Config) Runs(role Role) bool { return len(c.Roles) == 0 || slices.Contains(c.Roles, role) }

// WebhookConfig says how webhooks are delivered. What it allows is the
// operator's decision for all workspaces.
type WebhookConfig struct {
	Retries      []time.Duration // delays after each failed attempt
	DisableAfter time.Duration   // failing time until an endpoint is disabled
	AllowCIDRs   []netip.Prefix  // private networks that may be sent to
	AllowHTTP    bool            // whether plain http may be sent to
}

// The bounds of what an operator may set: a typing error must not make an
// endpoint be called a thousand times a second, or never.
const (
	minRetry        = time.Millisecond
	maxRetry        = 30 * 24 * time.Hour
	maxRetries      = 20
	minDisableAfter = time.Minute
	maxDisableAfter = 365 * 24 * time.Hour
)

// loopback is what development may send to unless it is told otherwise, so that
// a receiver on the same machine can be tried.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func (e *environment) webhooks(production bool) WebhookConfig {
	c := WebhookConfig{
		Retries:      e.durations("TBC_WEBHOOK_RETRIES", "1m,5m,30m,2h,6h,24h"),
		DisableAfter: e.duration("TBC_WEBHOOK_DISABLE_AFTER", 7*24*time.Hour, minDisableAfter, maxDisableAfter),
		AllowCIDRs:   e.prefixes("TBC_WEBHOOK_ALLOW_CIDRS"),
		AllowHTTP:    e.boolean("TBC_WEBHOOK_ALLOW_HTTP", !production),
	}
	if production && c.AllowHTTP {
		e.fault("TBC_WEBHOOK_ALLOW_HTTP", "cannot be true in production: what is sent there would be readable on the way")
	}
	if !production && e.text("TBC_WEBHOOK_ALLOW_CIDRS", "") == "" {
		c.AllowCIDRs = loopback
	}
	return c
}

func (e *environment) roles(name string) []Role {
	var roles []Role
	for part := range strings.SplitSeq(e.text(name, "api,delivery"), ",") {
		switch role := Role(strings.TrimSpace(part)); role {
		case RoleAPI, RoleDelivery:
			roles = append(roles, role)
		default:
			e.fault(name, fmt.Sprintf("must be api, delivery or both, separated by a comma; %q is neither", part))
		}
	}
	return roles
}

// durations reads a list. The word none is the empty one: a single attempt.
func (e *environment) durations(name, fallback string) []time.Duration {
	value := e.text(name, fallback)
	list := []time.Duration{}
	if value == "none" {
		return list
	}
	for part := range strings.SplitSeq(value, ",") {
		one, err := time.ParseDuration(strings.TrimSpace(part))
		if err != nil || one < minRetry || one > maxRetry {
			e.fault(name, fmt.Sprintf("must be durations from %s to %s separated by commas, or none; %q is not", minRetry, maxRetry, part))
			continue
		}
		list = append(list, one)
	}
	if len(list) > maxRetries {
		e.fault(name, fmt.Sprintf("must be at most %d durations", maxRetries))
	}
	return list
}

func (e *environment) duration(name string, fallback, least, most time.Duration) time.Duration {
	value, err := time.ParseDuration(e.text(name, fallback.String()))
	if err != nil || value < least || value > most {
		e.fault(name, fmt.Sprintf("must be a duration from %s to %s", least, most))
		return fallback
	}
	return value
}

func (e *environment) boolean(name string, fallback bool) bool {
	value, err := strconv.ParseBool(e.text(name, strconv.FormatBool(fallback)))
	if err != nil {
		e.fault(name, "must be true or false")
		return fallback
	}
	return value
}
