package chart

// The picture has no size: it is stretched over the room it gets. Only the
// proportions matter, and no text is in it, which would be stretched too.
const (
	step   = 10 // from one bar to the next
	gap    = 2  // between two bars
	height = 100
)

// Width is that of the picture in its own units.
func (c Chart) Width() int { return step * len(c.Bars) }

// Top is what the whole height stands for: 2, 4 or 10 times a power of ten, so
// that its half is a whole number too.
func (c Chart) Top() int64 {
	var most int64
	for _, bar := range c.Bars {
		most = max(most, bar.Total())
	}
	for unit := int64(1); ; unit *= 10 {
		for _, times := range []int64{2, 4, 10} {
			if top := times * unit; top >= most || top > 1<<60 {
				return top
			}
		}
	}
}

// Half is the line in the middle.
func (c Chart) Half() int64 { return c.Top() / 2 }

// column is one bar as it is drawn.
type column struct {
	Words string
	X     int
	Parts []part
}

// part is one colour of a bar, in hundredths of the height.
type part struct {
	Class     Class
	X         int
	Width     int
	Y, Height float64
}

// Columns are the bars from left to right. A value above nothing is at least a
// hairline high: one failure among thousands must be seen.
func (c Chart) Columns() []column {
	const least = 0.8
	top := float64(c.Top())
	columns := make([]column, len(c.Bars))
	for i, bar := range c.Bars {
		columns[i] = column{Words: c.words(bar), X: i * step}
		bottom := float64(height)
		for k, value := range bar.Values {
			if value <= 0 {
				continue
			}
			high := max(least, float64(value)/top*height)
			high = min(high, bottom)
			bottom -= high
			columns[i].Parts = append(columns[i].Parts, part{Class: c.Series[k].Class, X: i*step + gap/2, Width: step - gap, Y: bottom, Height: high})
		}
	}
	return columns
}

// Ticks are the labels of the first, the middle and the last bar.
func (c Chart) Ticks() []string {
	if len(c.Bars) < 3 {
		var all []string
		for _, bar := range c.Bars {
			all = append(all, bar.Short)
		}
		return all
	}
	return []string{c.Bars[0].Short, c.Bars[len(c.Bars)/2].Short, c.Bars[len(c.Bars)-1].Short}
}
