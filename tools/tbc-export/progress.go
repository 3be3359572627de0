package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/cli"
)

const (
	// A terminal's line is drawn anew so often, and elsewhere a line is added.
	redrawEvery = 200 * time.Millisecond
	reportEvery = 10 * time.Second
)

// progress tells a person how far an export is, on stderr.
type progress struct {
	out      io.Writer // io.Discard when nobody wants to know
	terminal bool
	now      func() time.Time
	quota    *quota

	totals map[string]int // rows of a resource, where the service tells
	done   map[string]int
	first  time.Time
	fresh  int // rows since this program was started
	drawn  time.Time
	dirty  bool // the terminal's line has no end yet
}

func newProgress(c console, quiet bool, q *quota) *progress {
	p := &progress{out: c.errs, terminal: c.terminal, now: c.clock.now, quota: q, done: map[string]int{}, first: c.clock.now()}
	if quiet {
		p.out = io.Discard
	}
	return p
}

// rows is told how many rows of a resource there are.
func (p *progress) rows(resource string, count int) {
	p.fresh += max(0, count-p.done[resource])
	p.done[resource] = count
	every := reportEvery
	if p.terminal {
		every = redrawEvery
	}
	if now := p.now(); now.Sub(p.drawn) >= every {
		p.drawn = now
		p.line(p.status(resource, count))
	}
}

// status is a bar, where the total is known, and an estimate.
func (p *progress) status(resource string, count int) string {
	total := p.totals[resource]
	if total == 0 || total < count {
		return fmt.Sprintf("%-14s %9d rows%s", resource, count, p.estimate())
	}
	const width = 20
	full := count * width / max(1, total)
	return fmt.Sprintf("%-14s [%s%s] %d of about %d%s", resource, strings.Repeat("#", full), strings.Repeat(".", width-full), count, total, p.estimate())
}

// pagesLeft counts what is known to come. Where no totals are known it is zero.
func (p *progress) pagesLeft() (pages int) {
	for resource, total := range p.totals {
		pages += (max(0, total-p.done[resource]) + pageSize - 1) / pageSize
	}
	return pages
}

// estimate knows that a quota may be slower than the service: pages left by
// calls a minute, and by days.
func (p *progress) estimate() string {
	pages := p.pagesLeft()
	if pages == 0 || !p.quota.known {
		return ""
	}
	left := time.Duration(pages) * time.Minute / time.Duration(p.quota.perMinute())
	if elapsed := p.now().Sub(p.first); p.fresh > 0 {
		left = max(left, elapsed*time.Duration(pages*pageSize)/time.Duration(p.fresh))
	}
	if beyond := pages - p.quota.today(); beyond > 0 {
		days := (beyond + p.quota.perDay() - 1) / p.quota.perDay()
		return fmt.Sprintf(", about %d pages left: the daily quota needs %s more", pages, plural(days, "day"))
	}
	return ", about " + roughly(left) + " left"
}

// wait is told of a pause before it.
func (p *progress) wait(d time.Duration, why string) {
	if d >= time.Second {
		p.line(fmt.Sprintf("waiting %s: %s", roughly(d), cli.Printable(why)))
	}
}

// say writes a line that stays.
func (p *progress) say(format string, args ...any) {
	p.end()
	fmt.Fprintf(p.out, format+"\n", args...)
}

func (p *progress) line(text string) {
	if !p.terminal {
		fmt.Fprintln(p.out, text)
		return
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", text)
	p.dirty = true
}

func (p *progress) end() {
	if p.dirty {
		fmt.Fprintln(p.out)
	}
	p.dirty = false
}

// learn takes the totals from the analytics. Deletions make them a little too
// large. What the export does not walk through does not count.
func (p *progress) learn(summary []byte, walked []string) {
	var body client.AnalyticsSummaryResponse
	if json.Unmarshal(summary, &body) != nil {
		return
	}
	p.totals = map[string]int{
		studentsName: body.Data.Students.New, enrollmentsName: body.Data.Enrollments.New,
		ordersName: body.Data.Revenue.OrderCount, certificatesName: body.Data.Completion.CertificatesIssued,
	}
	maps.DeleteFunc(p.totals, func(resource string, _ int) bool { return !slices.Contains(walked, resource) })
}

func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	default:
		return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
