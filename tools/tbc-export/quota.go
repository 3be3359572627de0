package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// window is one of the two rate limits of a key, as the last answer told it.
type window struct {
	limit, remaining int
	reset            time.Time
}

// spare reports whether a call leaves enough to the other users of the key. A
// limit that is smaller than what is to be left is shared by halves.
func (w window) spare(leave int) bool {
	return w.remaining > min(leave, w.limit/2)
}

// quota knows what the key may still call. It is right as long as nobody else
// uses the key in the same second; what it leaves is for those who do.
type quota struct {
	minute, day           window
	leaveMinute, leaveDay int
	waitForDay            bool

	known bool
	ahead time.Duration // the server's clock less ours, at most a second too small
}

// daySpentError ends an export that may not wait for the next day.
type daySpentError struct {
	limit, left int
	reset       time.Time
}

func (e daySpentError) Error() string {
	return fmt.Sprintf("of the key's %d calls a day %d are left, which this export leaves to others (--leave-day); run the same command again after %s, "+
		"and it goes on where it stopped, or use --wait-for-day", e.limit, e.left, e.reset.UTC().Format("2006-01-02 15:04 MST"))
}

// read takes the six headers and the server's clock from an answer. One that
// lacks them did not come from the service: it counts as a call all the same.
func (q *quota) read(header http.Header, now time.Time) {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		q.ahead = date.Sub(now)
	}
	minute, ok := readWindow(header, "X-RateLimit-")
	day, both := readWindow(header, "X-RateLimit-Daily-")
	if !ok || !both {
		q.count()
		return
	}
	q.minute, q.day, q.known = minute, day, true
}

// count is for a call whose answer was lost: the service may have counted it.
func (q *quota) count() {
	q.minute.remaining--
	q.day.remaining--
}

func readWindow(header http.Header, prefix string) (w window, ok bool) {
	limit, err1 := strconv.Atoi(header.Get(prefix + "Limit"))
	remaining, err2 := strconv.Atoi(header.Get(prefix + "Remaining"))
	reset, err3 := strconv.ParseInt(header.Get(prefix+"Reset"), 10, 64)
	return window{limit, remaining, time.Unix(reset, 0)}, err1 == nil && err2 == nil && err3 == nil
}

// wait is how long to keep still before the next call. It follows the server's
// clock, since ours may be wrong.
func (q *quota) wait(now time.Time) (time.Duration, error) {
	if !q.known {
		return 0, nil
	}
	there := now.Add(q.ahead)
	if !there.Before(q.day.reset) {
		q.day.remaining, q.day.reset = q.day.limit, there.Truncate(24*time.Hour).Add(24*time.Hour)
	}
	if !there.Before(q.minute.reset) {
		q.minute.remaining, q.minute.reset = q.minute.limit, there.Truncate(time.Minute).Add(time.Minute)
	}
	if !q.day.spare(q.leaveDay) {
		if !q.waitForDay {
			return 0, daySpentError{q.day.limit, q.day.remaining, q.day.reset}
		}
		return q.day.reset.Sub(there), nil
	}
	if !q.minute.spare(q.leaveMinute) {
		return q.minute.reset.Sub(there), nil
	}
	return 0, nil
}

// perMinute is how many calls an export gets in a minute, and perDay in a day.
func (q *quota) perMinute() int { return max(1, q.minute.limit-min(q.leaveMinute, q.minute.limit/2)) }
func (q *quota) perDay() int    { return max(1, q.day.limit-min(q.leaveDay, q.day.limit/2)) }

// today is how many calls are left for this export until the day ends.
func (q *quota) today() int { return max(0, q.day.remaining-min(q.leaveDay, q.day.limit/2)) }
