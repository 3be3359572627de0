package dashboard

import (
	"context"
	"time"

	"github.com/thebigclass/api/server/dashboard/chart"
	"github.com/thebigclass/api/store"
)

// chartDays is how many days a chart of requests shows, today included.
const chartDays = 30

var requestSeries = []chart.Series{
	{Name: "Succeeded", Class: chart.Good},
	{Name: "Unchanged (304)", Class: chart.Quiet},
	{Name: "Rejected (4xx)", Class: chart.Caution},
	{Name: "Over quota (429)", Class: chart.Limited},
	{Name: "Failed (5xx)", Class: chart.Bad},
}

// barValues are in the order of requestSeries.
func barValues(o store.Outcomes) []int64 {
	return []int64{o.Succeeded, o.Unchanged, o.Rejected, o.Limited, o.Failed}
}

// requestCharts draws the requests of a key, or with "" of the workspace: of the last 30 days and of today by the hour,
// both by the workspace's clock and of one query.
func (d *Dashboard) requestCharts(ctx context.Context, v *visit, keyID string) (month, today chart.Chart, err error) {
	location, now := zone(v.session), d.Now()
	from, to := midnight(location, now, 1-chartDays), midnight(location, now, 1)
	hours, err := d.workspace(v).RequestCounts(ctx, keyID, from, to)
	if err != nil {
		return month, today, err
	}
	month = chart.Chart{
		ID: "month", Title: "Requests of the last 30 days by status", Unit: "requests", Bucket: "Day", Series: requestSeries,
		Bars: dayBars(location, now, hours), Empty: "No requests in the last 30 days.",
	}
	today = chart.Chart{
		ID: "today", Title: "Requests of today by the hour, " + location.String() + " time", Unit: "requests", Bucket: "Hour",
		Series: requestSeries, Bars: hourBars(location, now, hours), Empty: "No requests yet today.",
	}
	return month, today, nil
}

// midnight is the beginning of the day that is some days after the one that now belongs to.
func midnight(location *time.Location, now time.Time, days int) time.Time {
	year, month, day := now.In(location).Date()
	return time.Date(year, month, day+days, 0, 0, 0, 0, location)
}

func dayBars(location *time.Location, now time.Time, hours []store.HourCount) []chart.Bar {
	sums := map[string]store.Outcomes{}
	for _, hour := range hours {
		day := hour.Hour.In(location).Format(time.DateOnly)
		sum := sums[day]
		sum.Add(hour.Outcomes)
		sums[day] = sum
	}
	bars := make([]chart.Bar, chartDays)
	for i := range bars {
		day := midnight(location, now, i+1-chartDays)
		bars[i] = chart.Bar{
			Short: day.Format("2 Jan"), Name: day.Format("Mon 2 January 2006"), Values: barValues(sums[day.Format(time.DateOnly)]),
		}
	}
	return bars
}

// hourBars has one bar for each hour of today: 23 or 25 when the clocks change.
func hourBars(location *time.Location, now time.Time, hours []store.HourCount) []chart.Bar {
	begins, ends := midnight(location, now, 0), midnight(location, now, 1)
	var bars []chart.Bar
	for hour := begins; hour.Before(ends); hour = hour.Add(time.Hour) {
		name := hour.In(location).Format("15:04") + " to " + hour.Add(time.Hour).In(location).Format("15:04")
		bars = append(bars, chart.Bar{Short: hour.In(location).Format("15:04"), Name: name, Values: barValues(store.Outcomes{})})
	}
	for _, hour := range hours {
		if i := int(hour.Hour.Sub(begins) / time.Hour); !hour.Hour.Before(begins) && i < len(bars) {
			for k, value := range barValues(hour.Outcomes) {
				bars[i].Values[k] += value
			}
		}
	}
	return bars
}

// lastDay sums the requests of a key up to now, from the beginning of the hour that was 24 hours ago: counts are kept
// by the hour.
func (d *Dashboard) lastDay(ctx context.Context, v *visit, keyID string) (sum store.Outcomes, since time.Time, err error) {
	now := d.Now()
	since = store.HourIn(zone(v.session), now.Add(-24*time.Hour))
	hours, err := d.workspace(v).RequestCounts(ctx, keyID, since, now.Add(time.Hour))
	for _, hour := range hours {
		sum.Add(hour.Outcomes)
	}
	return sum, since, err
}
