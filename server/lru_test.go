package server

import "testing"

func TestLRU_KeepsWithinItsBudgetAndDropsTheLeastRecentlyUsed(t *testing.T) {
	t.Parallel()
	cache := newLRU[string, int](3)
	cache.put("a", 1, 1)
	cache.put("b", 2, 1)
	cache.put("c", 3, 1)
	cache.get("a")
	cache.put("d", 4, 1)
	if _, ok := cache.get("b"); ok {
		t.Error("b was used least recently and is still there")
	}
	for _, key := range []string{"a", "c", "d"} {
		if _, ok := cache.get(key); !ok {
			t.Errorf("%s is gone", key)
		}
	}
	cache.put("large", 5, 4)
	if _, ok := cache.get("large"); ok {
		t.Error("an entry over the whole budget was kept")
	}
	cache.put("e", 6, 3)
	if cache.spent != 3 || len(cache.entries) != 1 {
		t.Errorf("%d spent on %d entries, want 3 on 1", cache.spent, len(cache.entries))
	}
}

func TestLRU_UpdateIsBoundedToo(t *testing.T) {
	t.Parallel()
	counts := newLRU[int, int](10)
	for i := range 1000 {
		counts.update(i, func(n int) int { return n + 1 })
	}
	if len(counts.entries) != 10 {
		t.Errorf("%d entries, want 10", len(counts.entries))
	}
	if n := counts.update(999, func(n int) int { return n + 1 }); n != 2 {
		t.Errorf("the newest entry counts %d, want 2", n)
	}
}
