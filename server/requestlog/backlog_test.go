package requestlog

import (
	"strconv"
	"testing"

	"github.com/thebigclass/api/store"
)

// What the database would have to remove again is not even sent there: a key costs 500 rows a group at most, and
// others lose nothing by it.
func TestBacklog_KeepsTheNewestOfEachKey(t *testing.T) {
	t.Parallel()
	waiting := backlog{most: 3000}
	for i := range 2600 {
		key := "busy"
		if i%100 == 0 {
			key = "quiet"
		}
		waiting.add(store.Request{KeyID: key, ID: strconv.Itoa(i)})
	}
	waiting.keepNewestOfEach(store.KeptRequests)
	lines := waiting.oldest(3000)
	if len(lines) != store.KeptRequests+26 {
		t.Fatalf("%d lines are left, want 500 of the busy key and 26 of the quiet one", len(lines))
	}
	last := -1
	for _, line := range lines {
		i, err := strconv.Atoi(line.ID)
		if err != nil || i <= last || (line.KeyID == "busy" && i < 2094) {
			t.Fatalf("line %s of the %s key after %d, %v", line.ID, line.KeyID, last, err)
		}
		last = i
	}
}

// However lines come and go, a full ring holds the newest, in their order.
func TestBacklog_LosesTheOldest(t *testing.T) {
	t.Parallel()
	waiting := backlog{most: 100}
	lost, next := int64(0), 0
	for round := range 50 {
		for range 7 * round % 60 {
			lost += waiting.add(store.Request{ID: strconv.Itoa(next)})
			next++
		}
		for range min(waiting.n, 3*round%25) {
			waiting.take()
		}
		for i, line := range waiting.oldest(100) {
			if want := strconv.Itoa(next - waiting.n + i); line.ID != want {
				t.Fatalf("round %d: line %d is %s, want %s", round, i, line.ID, want)
			}
		}
	}
	if lost == 0 || waiting.n > 100 {
		t.Errorf("%d lost, %d wait", lost, waiting.n)
	}
}
