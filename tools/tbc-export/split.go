package main

import (
	"errors"
	"runtime"
	"sync"
)

// So many lines, or bytes, are taken apart together: enough for handing them over
// to cost nothing beside that, and little memory.
const (
	linesAtOnce = 64
	bytesAtOnce = 256 << 10
)

// part is a row of a table, taken out of a line.
type part struct {
	table *table
	cells []cell
}

// batch is some lines, and the rows that they become.
type batch struct {
	lines [][]byte
	parts []part
	err   error
	done  chan struct{} // closed when it has been taken apart
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

// split takes the lines apart.
func (b *batch) split(t *table) {
	defer close(b.done)
	for _, line := range b.lines {
		b.err = t.split(line, func(of *table, cells []cell) error {
			b.parts = append(b.parts, part{of, cells})
			return nil
		})
		if b.err != nil {
			return
		}
	}
}

var errStopped = errors.New("nobody takes the rows any more")

// splitAll takes all lines apart and hands their rows to out, in the order of
// the lines. Taking apart is most of the work of a format, so all processors
// share it while out writes; only a few batches are in memory at a time.
func (t *table) splitAll(each func(func([]byte) error) error, out record) error {
	splitters := runtime.GOMAXPROCS(0)
	todo, inOrder, stop := make(chan *batch), make(chan *batch, splitters), make(chan struct{})
	var working sync.WaitGroup
	for range splitters {
		working.Go(func() {
			for b := range todo {
				b.split(t)
			}
		})
	}
	var unread error
	working.Go(func() {
		defer close(todo)
		defer close(inOrder)
		unread = inBatches(each, func(b *batch) error {
			for _, to := range []chan<- *batch{inOrder, todo} {
				select {
				case to <- b:
				case <-stop:
					return errStopped
				}
			}
			return nil
		})
	})
	err := takeAll(inOrder, out)
	close(stop)
	working.Wait()
	if err == nil {
		err = unread
	}
	return err
}

// inBatches gathers lines. What each reads into is used again, so they are copied.
func inBatches(each func(func([]byte) error) error, hand func(*batch) error) error {
	b, size := newBatch(), 0
	err := each(func(line []byte) error {
		b.lines = append(b.lines, append([]byte{}, line...))
		if size += len(line); len(b.lines) < linesAtOnce && size < bytesAtOnce {
			return nil
		}
		full := b
		b, size = newBatch(), 0
		return hand(full)
	})
	if err == nil && len(b.lines) > 0 {
		err = hand(b)
	}
	return err
}

// takeAll hands rows on until there are no more, or one cannot be taken.
func takeAll(batches <-chan *batch, out record) error {
	for b := range batches {
		<-b.done
		for _, p := range b.parts {
			if err := out(p.table, p.cells); err != nil {
				return err
			}
		}
		if b.err != nil {
			return b.err
		}
	}
	return nil
}
