package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// AnalyticsWindow says over which days: From and To together (YYYY-MM-DD, inclusive), or Window alone, one of 7d,
// 30d, 90d and all. Nothing at all is 30d.
type AnalyticsWindow struct {
	From, To, Window string
}

// The longest windows, in days.
const (
	maxPairDays = 366
	maxAllDays  = 3660
)

// windowDays are the windows that end today, in days.
var windowDays = map[string]int{"7d": 7, "30d": 30, "90d": 90, "": 30}

// span is a run of calendar days, both ends included.
type span struct{ from, to string }

// span finds the days that a window stands for on the day that it is now in the workspace's time zone.
func (w *Workspace) span(ctx context.Context, in AnalyticsWindow, info WorkspaceInfo) (span, error) {
	if in.From != "" || in.To != "" {
		return in.pair()
	}
	now, err := w.store.Clock(ctx)
	if err != nil {
		return span{}, err
	}
	loaded, err := zone(info.TimeZone)
	if err != nil {
		return span{}, err
	}
	today := calendar{zone: loaded}.day(now)
	if length, known := windowDays[in.Window]; known {
		return span{from: daysBefore(today, length-1), to: today}, nil
	}
	if in.Window != "all" {
		return span{}, &Invalid{Field: "window", Issue: "must be 7d, 30d, 90d or all"}
	}
	first, err := w.firstDay(ctx)
	if first == "" || first > today {
		first = today
	}
	return span{from: max(first, daysBefore(today, maxAllDays-1)), to: today}, err
}

// pair checks the rules that only both days together can break.
func (in AnalyticsWindow) pair() (span, error) {
	if in.Window != "" {
		return span{}, &Invalid{Field: "window", Issue: "cannot be combined with from and to"}
	}
	if in.From == "" {
		return span{}, &Invalid{Field: "from", Issue: "is needed beside to"}
	}
	if in.To == "" {
		return span{}, &Invalid{Field: "to", Issue: "is needed beside from"}
	}
	from, err := time.Parse(dayFormat, in.From)
	if err != nil {
		return span{}, &Invalid{Field: "from", Issue: "must be a day such as 2026-05-18"}
	}
	to, err := time.Parse(dayFormat, in.To)
	switch {
	case err != nil:
		return span{}, &Invalid{Field: "to", Issue: "must be a day such as 2026-05-19"}
	case from.After(to):
		return span{}, &Invalid{Field: "from", Issue: "must not be after to"}
	case to.Sub(from) >= maxPairDays*24*time.Hour:
		return span{}, &Invalid{Field: "to", Issue: fmt.Sprintf("must be at most %d days from from, both included", maxPairDays)}
	}
	return span{from: in.From, to: in.To}, nil
}

// daysBefore is the day n days before day, which is well-formed.
func daysBefore(day string, n int) string {
	t, err := time.Parse(dayFormat, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, -n).Format(dayFormat)
}

// firstDay is the day of the workspace's first activity, "" if there has been none. By the primary key.
func (w *Workspace) firstDay(ctx context.Context) (string, error) {
	return scanOne(ctx, w.scope, sqlQuery{
		text: `SELECT COALESCE(MIN(day), '') FROM daily_rollups WHERE workspace_id = $1`,
	}, func(row *sql.Rows, day *string) error { return row.Scan(day) })
}

// wholeMonths cuts a window into the months that lie in it whole, and the days before and after them. It returns three
// ranges, each as its first and last key, both included; a range whose first is after its last is empty.
func wholeMonths(from, to string) []any {
	first, last := monthOf(from), monthOf(to)
	if daysBefore(from, 1)[:len(first)] == first { // the window begins within its first month
		first = monthOf(daysBefore(first+"-01", -31))
	}
	if daysBefore(to, -1)[:len(last)] == last { // it ends within its last month
		last = monthOf(daysBefore(last+"-01", 1))
	}
	if first > last {
		return []any{"1", "0", from, to, "1", "0"}
	}
	return []any{first, last, from, daysBefore(first+"-01", 1), monthOf(daysBefore(last+"-01", -31)) + "-01", to}
}
