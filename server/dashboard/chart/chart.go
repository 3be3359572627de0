// Package chart draws stacked bars over time as SVG that the server makes: no
// script, no inline style, and the same numbers as a table for whoever does not
// see the picture.
//
// A page hands a Chart its series and one Bar for each bucket of time, whose
// Values are in the order of the series, and puts {{.HTML}} into its template:
//
//	chart.Chart{
//		ID: "deliveries", Title: "Deliveries of the last 30 days", Unit: "deliveries", Bucket: "Day",
//		Series: []chart.Series{{"Succeeded", chart.Good}, {"Failed", chart.Bad}},
//		Bars:   []chart.Bar{{Short: "3 Mar", Name: "Tue 3 March 2026", Values: []int64{120, 2}}},
//		Empty:  "Nothing was delivered in these days.",
//	}
//
// The drawing is a <figure class="chart">; the colours of the classes s1 to s5
// are the style sheet's.
package chart

import (
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// Class is the colour of a series by its meaning.
type Class string

// The classes. Bars are stacked in the order of the series, the first at the bottom.
const (
	Good    Class = "s1"
	Caution Class = "s2"
	Bad     Class = "s3"
	Quiet   Class = "s4"
	Limited Class = "s5"
)

// Series is one colour of all bars.
type Series struct {
	Name  string
	Class Class
}

// Bar is one bucket of time. Values are in the order of the chart's series.
type Bar struct {
	Short  string // under the picture, where there is room: "3 Mar"
	Name   string // in full: "Tue 3 March 2026"
	Values []int64
}

// Chart is one picture.
type Chart struct {
	ID     string // unique in its page
	Title  string
	Unit   string // what is counted: "requests"
	Bucket string // what a bar is: "Day"
	Series []Series
	Bars   []Bar
	Empty  string // shown in place of a picture without any bar
}

//go:embed chart.html
var files embed.FS

var drawing = template.Must(template.New("").Funcs(template.FuncMap{"grouped": Grouped}).ParseFS(files, "chart.html"))

// HTML is the picture, its key and its table.
func (c Chart) HTML() (template.HTML, error) {
	var out strings.Builder
	err := drawing.ExecuteTemplate(&out, "chart.html", c)
	return template.HTML(out.String()), err //nolint:gosec // html/template has escaped it
}

// Total is the sum of all bars.
func (c Chart) Total() (total int64) {
	for _, bar := range c.Bars {
		total += bar.Total()
	}
	return total
}

// SeriesTotal is the sum of the i-th series.
func (c Chart) SeriesTotal(i int) (total int64) {
	for _, bar := range c.Bars {
		total += bar.Values[i]
	}
	return total
}

// Total is the height of the bar.
func (b Bar) Total() (total int64) {
	for _, value := range b.Values {
		total += value
	}
	return total
}

// Description is the picture in words.
func (c Chart) Description() string {
	var parts []string
	for i, series := range c.Series {
		if total := c.SeriesTotal(i); total > 0 {
			parts = append(parts, Grouped(total)+" "+strings.ToLower(series.Name))
		}
	}
	var most Bar
	for _, bar := range c.Bars {
		if bar.Total() > most.Total() {
			most = bar
		}
	}
	return fmt.Sprintf("%s in all: %s (%s). Most in one %s: %s, %s.", title(c.Unit), Grouped(c.Total()), strings.Join(parts, ", "),
		strings.ToLower(c.Bucket), Grouped(most.Total()), most.Name)
}

func title(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// words are what a pointer shows of a bar.
func (c Chart) words(bar Bar) string {
	parts := []string{bar.Name + ": " + Grouped(bar.Total()) + " in all"}
	for i, series := range c.Series {
		if bar.Values[i] > 0 {
			parts = append(parts, Grouped(bar.Values[i])+" "+strings.ToLower(series.Name))
		}
	}
	return strings.Join(parts, ", ")
}

// Grouped writes a number with a comma before every three digits.
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	first := 1
	if n < 0 {
		first = 2
	}
	for i := len(digits) - 3; i >= first; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
