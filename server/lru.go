package server

import (
	"container/list"
	"sync"
)

// lru is a map bounded by the summed cost of its entries: the least recently
// used go first. It is safe for concurrent use.
type lru[K comparable, V any] struct {
	mu      sync.Mutex
	budget  int // the most that all entries may cost together
	spent   int
	order   *list.List // front: used last
	entries map[K]*list.Element
}

type lruEntry[K comparable, V any] struct {
	key   K
	value V
	cost  int
}

func newLRU[K comparable, V any](budget int) *lru[K, V] {
	return &lru[K, V]{budget: budget, order: list.New(), entries: map[K]*list.Element{}}
}

// get returns the entry and marks it as used.
func (l *lru[K, V]) get(key K) (V, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	element, ok := l.entries[key]
	if !ok {
		var none V
		return none, false
	}
	l.order.MoveToFront(element)
	return element.Value.(*lruEntry[K, V]).value, true
}

// put stores the entry; one that alone exceeds the budget is not kept.
func (l *lru[K, V]) put(key K, value V, cost int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(key)
	if cost > l.budget {
		return
	}
	l.entries[key] = l.order.PushFront(&lruEntry[K, V]{key, value, cost})
	l.spent += cost
	for l.spent > l.budget {
		l.remove(l.order.Back().Value.(*lruEntry[K, V]).key)
	}
}

// update replaces the value of key by what change makes of it, as one step:
// two callers never start from the same old value. A missing entry starts as zero.
func (l *lru[K, V]) update(key K, change func(V) V) V {
	l.mu.Lock()
	defer l.mu.Unlock()
	element, ok := l.entries[key]
	if !ok {
		element = l.order.PushFront(&lruEntry[K, V]{key: key, cost: 1})
		l.entries[key] = element
		l.spent++
		if l.spent > l.budget {
			l.remove(l.order.Back().Value.(*lruEntry[K, V]).key)
		}
	}
	l.order.MoveToFront(element)
	entry := element.Value.(*lruEntry[K, V])
	entry.value = change(entry.value)
	return entry.value
}

func (l *lru[K, V]) remove(key K) {
	element, ok := l.entries[key]
	if !ok {
		return
	}
	l.order.Remove(element)
	delete(l.entries, key)
	l.spent -= element.Value.(*lruEntry[K, V]).cost
}
