package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/thebigclass/api/webhooks"
)

// journal is a file with the body of each event on a line of its own, and a
// webhooks.Dedupe over the ids in it. A line is on the disk before the delivery
// is answered. One receiver at a time may use a file. An id costs about 100 bytes
// of memory.
type journal struct {
	running *webhooks.Memory // keeps overlapping deliveries of one event apart

	mu   sync.Mutex
	file *os.File
	ids  map[string]struct{}
}

// openJournal opens or creates the file, for its owner alone, since events hold
// names and addresses, and reads back the ids. A last line without an end is
// from a crash; its event was never acknowledged, so it goes and comes again.
func openJournal(path string, log *slog.Logger) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{running: webhooks.NewMemory(1), file: file, ids: make(map[string]struct{})}
	whole, torn, err := j.readBack()
	if err == nil && torn > 0 {
		log.Warn("removed the incomplete last line, whose event will be delivered again", "file", path, "bytes", torn)
		err = file.Truncate(whole)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), file.Close())
	}
	return j, nil
}

// readBack returns how many bytes whole lines take up, and what is behind them.
func (j *journal) readBack() (whole, torn int64, err error) {
	reader := bufio.NewReader(j.file)
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, int64(len(line)), nil
		}
		if err != nil {
			return 0, 0, err
		}
		event, err := webhooks.ParseEvent(line)
		if err != nil {
			return 0, 0, fmt.Errorf("line %d: %w", number, err)
		}
		j.ids[event.ID] = struct{}{}
		whole += int64(len(line))
	}
}

// Once implements webhooks.Dedupe. That do has written the event with write is
// what makes the memory last.
func (j *journal) Once(ctx context.Context, id string, do func(context.Context) error) (ran bool, err error) {
	_, err = j.running.Once(ctx, id, func(ctx context.Context) error {
		if j.has(id) {
			return nil
		}
		ran = true
		if err := do(ctx); err != nil {
			return err
		}
		j.add(id)
		return nil
	})
	return ran, err
}

// write appends a line and waits for the disk. If that fails, what was written
// of the line is taken back, or the next one would continue it.
func (j *journal) write(body []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, body); err != nil {
		return err
	}
	line.WriteByte('\n')
	j.mu.Lock()
	defer j.mu.Unlock()
	before, err := j.file.Stat()
	if err != nil {
		return err
	}
	_, err = j.file.Write(line.Bytes())
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return errors.Join(err, j.file.Truncate(before.Size()))
	}
	return nil
}

func (j *journal) has(id string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, found := j.ids[id]
	return found
}

func (j *journal) add(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ids[id] = struct{}{}
}

func (j *journal) len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.ids)
}

func (j *journal) close() error { return j.file.Close() }
