package store

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // the machine may have no time zones of its own
)

// dayFormat is how a calendar day is written: it sorts, and it compares as text.
const dayFormat = time.DateOnly

// calendar tells the days of a workspace's time zone.
type calendar struct {
	zone     *time.Location
	currency string // a workspace has one, and whoever asks for days mostly asks for money
}

// zones keeps loaded time zones: reading one takes longer than the query that names it.
var zones sync.Map

func zone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	loaded, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone of the workspace: %w", err)
	}
	zones.Store(name, loaded)
	return loaded, nil
}

// calendar is that of the workspace: nobody else can change it while the Tx is open.
func (tx *Tx) calendar() (calendar, error) {
	loaded, err := zone(tx.timeZone)
	return calendar{zone: loaded, currency: tx.money}, err
}

// day is the calendar day of an instant.
func (c calendar) day(t time.Time) string { return t.In(c.zone).Format(dayFormat) }

// days lists the calendar days from first to last, both included.
func days(first, last string) ([]string, error) {
	from, err := time.Parse(dayFormat, first)
	if err != nil {
		return nil, err
	}
	to, err := time.Parse(dayFormat, last)
	if err != nil {
		return nil, err
	}
	var list []string
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		list = append(list, d.Format(dayFormat))
	}
	return list, nil
}

// stored is a time as the database will give it back: in UTC, of microseconds.
func stored(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	kept := fromMicros(micros(*t))
	return &kept
}
