package store

import (
	"testing"

	"pgregory.net/rapid"
)

// Whole months and the days around them cover every day of a window once, however it lies.
func TestWholeMonths_CoverTheWindowOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := daysBefore("2026-03-31", rapid.IntRange(0, 800).Draw(t, "start"))
		to := daysBefore(from, -rapid.IntRange(0, 800).Draw(t, "length"))
		ranges := wholeMonths(from, to)
		within := func(key string, i int) bool { return key >= ranges[2*i].(string) && key <= ranges[2*i+1].(string) }
		for day := daysBefore(from, 40); day <= daysBefore(to, -40); day = daysBefore(day, -1) {
			found := 0
			for _, hit := range []bool{within(monthOf(day), 0), within(day, 1), within(day, 2)} {
				if hit {
					found++
				}
			}
			want := 0
			if day >= from && day <= to {
				want = 1
			}
			if found != want {
				t.Fatalf("%s to %s: %s is counted %d times, want %d", from, to, day, found, want)
			}
		}
	})
}
