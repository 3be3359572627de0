package store

import (
	"context"
	"strings"
	"time"
)

// Window is one of a key's two quotas after a call: what is left of it, and when it starts anew.
type Window struct {
	Limit     int
	Remaining int
	Reset     time.Time
}

// Admission is the answer to one call with a live key.
type Admission struct {
	// Key has what a call needs: ids, name, scopes, limits and expiry. Keys lists the rest.
	Key Key
	// Version is that of the key's workspace: as long as it stands still, so does all that its Txs write.
	Version int64
	// Admitted is false if one of the windows is empty. Then the call has consumed nothing.
	Admitted bool
	Minute   Window
	Day      Window
	Now      time.Time // of the clock that decided
}

// Admit finds the live key with this hash and counts one call in both of its windows, all or nothing. It is exact
// over any number of processes: of many concurrent calls with k left, k are admitted. ErrUnauthorized if the key is
// unknown, revoked or expired. Nothing about keys or counters is remembered in the process.
func (s *Store) Admit(ctx context.Context, hash [32]byte) (Admission, error) {
	return s.engine.admit(ctx, hash)
}

const (
	minuteMicros = int64(time.Minute / time.Microsecond)
	dayMicros    = 24 * 60 * minuteMicros // a UTC day: 1970 began at midnight, and Unix time has no leap seconds
)

// usage is a row of api_key_usage: the newest window of each kind in which the key was admitted.
type usage struct {
	minute, minuteCount int64
	day, dayCount       int64
}

// at opens new windows for the time now, in microseconds. Windows only move forward: when the clock is set back,
// the newest window stays, or a call of the old one would reset its count and admit too many.
func (u usage) at(now int64) usage {
	if minute := now / minuteMicros; minute > u.minute {
		u.minute, u.minuteCount = minute, 0
	}
	if day := now / dayMicros; day > u.day {
		u.day, u.dayCount = day, 0
	}
	return u
}

// count adds one call to both windows if both have room.
func (u usage) count(key Key) (usage, bool) {
	if u.minuteCount >= int64(key.MinuteLimit) || u.dayCount >= int64(key.DayLimit) {
		return u, false
	}
	u.minuteCount++
	u.dayCount++
	return u, true
}

// admission says what the windows of u leave the key.
func (u usage) admission(key Key, now int64, admitted bool) Admission {
	return Admission{
		Key:      key,
		Admitted: admitted,
		Minute:   window(key.MinuteLimit, u.minuteCount, (u.minute+1)*minuteMicros),
		Day:      window(key.DayLimit, u.dayCount, (u.day+1)*dayMicros),
		Now:      fromMicros(now),
	}
}

// window never shows less than nothing: a limit may have been lowered below what was used.
func window(limit int, used, reset int64) Window {
	return Window{Limit: limit, Remaining: max(0, limit-int(used)), Reset: fromMicros(reset)}
}

// admissionColumns are those of Admission.Key: few, since they are read on every call.
const admissionColumns = `k.id, k.workspace_id, k.name, k.scopes, k.minute_limit, k.day_limit, k.expires_at`

// admissionRow is what the statements of both databases return for a key: its columns, the workspace's version, and the
// counters, which are null if nothing was counted.
type admissionRow struct {
	key                                Key
	scopes                             string
	expiresAt                          *int64
	version                            int64
	minute, minuteCount, day, dayCount *int64
}

// targets are in the order of admissionColumns, version, minute, minute_count, day, day_count.
func (r *admissionRow) targets() []any {
	k := &r.key
	return []any{&k.ID, &k.WorkspaceID, &k.Name, &r.scopes, &k.MinuteLimit, &k.DayLimit, &r.expiresAt,
		&r.version, &r.minute, &r.minuteCount, &r.day, &r.dayCount}
}

// read makes the key whole and returns the counters; counted is false if they are null.
func (r *admissionRow) read() (u usage, counted bool) {
	r.key.Scopes = strings.Fields(r.scopes)
	if r.expiresAt != nil {
		at := fromMicros(*r.expiresAt)
		r.key.ExpiresAt = &at
	}
	if r.minute == nil {
		return usage{}, false
	}
	return usage{minute: *r.minute, minuteCount: *r.minuteCount, day: *r.day, dayCount: *r.dayCount}, true
}
