package chart_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/thebigclass/api/server/dashboard/chart"
)

var outcomes = []chart.Series{{Name: "Succeeded", Class: chart.Good}, {Name: "Failed", Class: chart.Bad}}

func draw(t *testing.T, c chart.Chart) string {
	t.Helper()
	drawn, err := c.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := html.Parse(strings.NewReader(string(drawn))); err != nil {
		t.Fatal(err)
	}
	return string(drawn)
}

// Whoever does not see the picture gets the same numbers, in words and as a table.
func TestChart_SaysInWordsWhatItShows(t *testing.T) {
	t.Parallel()
	drawn := draw(t, chart.Chart{
		ID: "days", Title: "Requests of the last days", Unit: "requests", Bucket: "Day", Series: outcomes,
		Bars: []chart.Bar{
			{Short: "2 Mar", Name: "Mon 2 March 2026", Values: []int64{1200, 0}},
			{Short: "3 Mar", Name: "Tue 3 March 2026", Values: []int64{34, 1}},
		},
	})
	for _, want := range []string{
		`role="img" aria-labelledby="days-title days-words"`, `<title id="days-title">Requests of the last days</title>`,
		"Requests in all: 1,235 (1,234 succeeded, 1 failed). Most in one day: 1,200, Mon 2 March 2026.",
		`<th scope="row">Tue 3 March 2026</th><td class="number">34</td><td class="number">1</td><td class="number">35</td>`,
		"<title>Tue 3 March 2026: 35 in all, 34 succeeded, 1 failed</title>", `<i class="s3"></i>Failed 1`,
	} {
		if !strings.Contains(drawn, want) {
			t.Errorf("no %q in\n%s", want, drawn)
		}
	}
}

// Parts of a bar stand on each other, within the picture, and the smallest of them is to be seen.
func TestChart_StacksWithinItsHeight(t *testing.T) {
	t.Parallel()
	for _, values := range [][]int64{{1, 0}, {3, 1}, {1_000_000, 1}, {0, 7}} {
		c := chart.Chart{ID: "c", Series: outcomes, Bars: []chart.Bar{{Name: "a", Values: values}, {Name: "b", Values: []int64{0, 0}}}}
		columns := c.Columns()
		bottom := 100.0
		for i, part := range columns[0].Parts {
			if part.Height <= 0.5 || part.Y < -1e-9 || part.Y+part.Height > bottom+1e-9 || part.Y+part.Height < bottom-1e-9 {
				t.Errorf("%v: part %d stands from %v, %v high, on %v", values, i, part.Y, part.Height, bottom)
			}
			bottom = part.Y
		}
		if len(columns[1].Parts) != 0 {
			t.Errorf("%v: an empty bar has parts", values)
		}
	}
}

func TestChart_ScaleIsRound(t *testing.T) {
	t.Parallel()
	for most, want := range map[int64]int64{1: 2, 2: 2, 3: 4, 5: 10, 10: 10, 11: 20, 39: 40, 41: 100, 2500: 4000} {
		c := chart.Chart{Series: outcomes[:1], Bars: []chart.Bar{{Values: []int64{most}}}}
		if c.Top() != want || c.Half()*2 != want {
			t.Errorf("%d: up to %d, half %d, want %d", most, c.Top(), c.Half(), want)
		}
	}
}

// The content policy of a page refuses inline styles and scripts, and text is only text.
func TestChart_NeedsNoExceptionFromTheContentPolicy(t *testing.T) {
	t.Parallel()
	evil := `"><script>alert(1)</script>`
	drawn := draw(t, chart.Chart{
		ID: "c", Title: evil, Unit: evil, Bucket: evil, Series: []chart.Series{{Name: evil, Class: chart.Good}},
		Bars: []chart.Bar{{Short: evil, Name: evil, Values: []int64{1}}, {Values: []int64{2}}, {Values: []int64{3}}},
	})
	for _, unwanted := range []string{"<script", "style=", "<style", "onload", "javascript:"} {
		if strings.Contains(drawn, unwanted) {
			t.Errorf("%q in\n%s", unwanted, drawn)
		}
	}
}

func TestChart_WithoutNumbersSaysSo(t *testing.T) {
	t.Parallel()
	drawn := draw(t, chart.Chart{Series: outcomes, Bars: []chart.Bar{{Values: []int64{0, 0}}}, Empty: "Nothing yet."})
	if strings.Contains(drawn, "<svg") || !strings.Contains(drawn, "Nothing yet.") {
		t.Error(drawn)
	}
}

func TestGrouped_SetsCommas(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := chart.Grouped(n); got != want {
			t.Errorf("%s is written %s", fmt.Sprint(n), got)
		}
	}
}
