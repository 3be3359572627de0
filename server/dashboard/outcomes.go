package dashboard

import (
	"context"
	"slices"
	"time"

	"github.com/thebigclass/api/server/dashboard/chart"
	"github.com/thebigclass/api/store"
)

const (
	hoursShown = 24
	daysShown  = 30
)

// outcomeOrder is that of the chart's series.
var outcomeOrder = []string{store.OutcomeSucceeded, store.OutcomeRetried, store.OutcomeFailed, store.OutcomeCanceled}

var outcomeSeries = []chart.Series{
	{Name: "Delivered", Class: chart.Good}, {Name: "Failed, tried again", Class: chart.Caution},
	{Name: "Failed for good", Class: chart.Bad}, {Name: "Canceled", Class: chart.Quiet},
}

// outcomeChart draws how deliveries went: each attempt counts where it ended,
// and so does what was canceled. By hours of the last day, or by days of the last
// thirty, in the workspace's zone.
func (d *Dashboard) outcomeChart(ctx context.Context, v *visit, days bool) (chart.Chart, error) {
	c := chart.Chart{
		ID: "outcomes", Title: "Deliveries of the last 24 hours by outcome", Unit: "outcomes", Bucket: "Hour",
		Series: outcomeSeries, Empty: "Nothing was sent in the last 24 hours.",
	}
	short, long := "15:04", "Mon 2 January 2006, 15:04 MST"
	if days {
		c.Title, c.Bucket, c.Empty = "Deliveries of the last 30 days by outcome", "Day", "Nothing was sent in the last 30 days."
		short, long = "2 Jan", "Mon 2 January 2006"
	}
	bounds := spanBounds(d.Now().In(zone(v.session)), days)
	for _, from := range bounds[:len(bounds)-1] {
		c.Bars = append(c.Bars, chart.Bar{Short: from.Format(short), Name: from.Format(long), Values: make([]int64, len(outcomeOrder))})
	}
	counts, err := d.workspace(v).DeliveryCounts(ctx, bounds)
	for _, count := range counts {
		if i := slices.Index(outcomeOrder, count.Outcome); i >= 0 {
			c.Bars[count.Span].Values[i] += count.Count
		}
	}
	return c, err
}

// spanBounds are the starts of the hours or days that are shown, the present one
// last, and its end.
func spanBounds(now time.Time, days bool) (bounds []time.Time) {
	year, month, day := now.Date()
	if days {
		for i := 1 - daysShown; i <= 1; i++ {
			bounds = append(bounds, time.Date(year, month, day+i, 0, 0, 0, 0, now.Location()))
		}
		return bounds
	}
	// In steps of an hour that passed: where the clock is set back, one of the day's hours comes twice.
	past := time.Duration(now.Minute())*time.Minute + time.Duration(now.Second())*time.Second + time.Duration(now.Nanosecond())
	for i := 1 - hoursShown; i <= 1; i++ {
		bounds = append(bounds, now.Add(-past).Add(time.Duration(i)*time.Hour))
	}
	return bounds
}
