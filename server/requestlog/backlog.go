package requestlog

import "github.com/thebigclass/api/store"

// backlog is the lines that wait, oldest first: a ring that grows up to most and then loses its oldest line for every
// new one.
type backlog struct {
	most  int
	ring  []store.Request
	first int // the place of the oldest
	n     int
}

// at is the i-th oldest line.
func (b *backlog) at(i int) *store.Request { return &b.ring[(b.first+i)%len(b.ring)] }

// add takes a line and returns how many were lost for it.
func (b *backlog) add(line store.Request) (lost int64) {
	if b.n == b.most {
		b.take()
		lost = 1
	}
	if b.n == len(b.ring) {
		b.grow()
	}
	b.n++
	*b.at(b.n - 1) = line
	return lost
}

// grow doubles the ring.
func (b *backlog) grow() {
	larger := make([]store.Request, min(b.most, max(64, 2*len(b.ring))))
	for i := range b.n {
		larger[i] = *b.at(i)
	}
	b.ring, b.first = larger, 0
}

// take removes the oldest line. There must be one.
func (b *backlog) take() store.Request {
	oldest := *b.at(0)
	*b.at(0) = store.Request{} // its texts need not be kept
	b.first, b.n = (b.first+1)%len(b.ring), b.n-1
	return oldest
}

// oldest copies the oldest lines, at most limit, which stay.
func (b *backlog) oldest(limit int) []store.Request {
	lines := make([]store.Request, min(limit, b.n))
	for i := range lines {
		lines[i] = *b.at(i)
	}
	return lines
}

// keepNewestOfEach leaves each key its kept newest lines. The log keeps no more: others would be removed from it as
// soon as they were written, and a key that calls 2,500 times a second would cost as many rows.
func (b *backlog) keepNewestOfEach(kept int) {
	if b.n <= kept {
		return
	}
	newer, place := map[string]int{}, b.n
	for i := b.n - 1; i >= 0; i-- {
		line := *b.at(i)
		if newer[line.KeyID]++; newer[line.KeyID] <= kept {
			place--
			*b.at(place) = line
		}
	}
	for range place {
		b.take()
	}
}
