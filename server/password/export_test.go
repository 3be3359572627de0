package password

// Room is how many may wait or compute at a time.
const Room = atMost

// Inside is how many do.
func (h *Hasher) Inside() int { return len(h.room) }

// Occupy takes all slots until release is called.
func (h *Hasher) Occupy() (release func()) {
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	return func() {
		for range cap(h.slots) {
			<-h.slots
		}
	}
}
