package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// releaseDays is how long a merged deprecation may wait for its release before the same contract is refused.
const releaseDays = 30

// judgeNotice holds the promise of 180 days where oasdiff cannot: at webhooks too, wherever a schema stands, and when
// a sunset that was announced is moved. That both dates are there is for the linter to say, and that six months lie
// between them for contractgen; what both cannot know is when the notice is given: not before this contract is released.
func judgeNotice(released, current *document, now time.Time) []refusal {
	before := deprecations(released)
	earliest := now.UTC().AddDate(0, 0, noticeDays)
	var refusals []refusal
	for pointer, sunset := range deprecations(current) {
		announced, known := before[pointer]
		switch {
		case !known && sunset.Before(earliest):
			refusals = append(refusals, refusal{
				"sunset-too-near", placeOf(pointer),
				fmt.Sprintf("it is deprecated by the next release and ends %s, in less than %d days", day(sunset), noticeDays),
				fmt.Sprintf("Move x-sunset to %s or later, which leaves %d days for the release to come", day(earliest.AddDate(0, 0, releaseDays+1)), releaseDays),
			})
		case known && sunset.Before(announced):
			refusals = append(refusals, refusal{
				"sunset-moved-nearer", placeOf(pointer),
				fmt.Sprintf("it ends %s, and clients were told %s", day(sunset), day(announced)),
				"Leave x-sunset as it was released, or move it away",
			})
		}
	}
	slices.SortFunc(refusals, func(a, b refusal) int { return cmp.Compare(a.place, b.place) })
	return refusals
}

// deprecations are the sunsets of all that is deprecated, by pointer. A date that is none ends at once.
func deprecations(d *document) map[string]time.Time {
	found := map[string]time.Time{}
	d.walk(func(pointer string, object map[string]any) {
		if object["deprecated"] == true {
			found[pointer] = moment(object["x-sunset"])
		}
	})
	return found
}

// moment reads a date whether or not the YAML has it in quotes. What is none is the zero time.
func moment(value any) time.Time {
	if t, ok := value.(time.Time); ok {
		return t.UTC()
	}
	t, err := time.Parse(time.RFC3339, fmt.Sprint(value))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// day leaves the time of day out, which nobody plans by.
func day(t time.Time) string { return t.Format(time.DateOnly) }
