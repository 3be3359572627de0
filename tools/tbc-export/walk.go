package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/thebigclass/api/gen/client"
)

// checkpointEvery is how much work a kill may cost. Each checkpoint waits for
// the disk.
const checkpointEvery = time.Second

// walker collects the rows of a plan, page after page, in one file for each
// resource: lines of JSON as the service sent them. It holds one page in memory.
type walker struct {
	service  *service
	disk     *disk
	state    *state
	plan     []step
	progress *progress

	every  time.Duration // checkpointEvery
	saved  time.Time
	failed bool  // a checkpoint did
	open   *file // the spool of the step under way
	buffer bytes.Buffer
}

// page is the envelope of all lists.
type page struct {
	Data       []json.RawMessage
	Pagination client.Pagination
}

func spoolName(resource string) string { return resource + partial }

// walk does what is left of the plan.
func (w *walker) walk(ctx context.Context) (err error) {
	defer func() {
		if w.open != nil {
			err = errors.Join(err, w.open.Close())
		}
	}()
	for w.state.Step < len(w.plan) {
		s := w.plan[w.state.Step]
		if err := w.step(ctx, s); err != nil {
			// What came before the fault is kept, unless it was the disk that failed to
			// keep it: then the last checkpoint holds.
			if w.open != nil && !w.failed {
				_ = w.checkpoint()
			}
			return fmt.Errorf("%s: %w", s.resource, err)
		}
	}
	return nil
}

// step walks through one list to its end.
func (w *walker) step(ctx context.Context, s step) error {
	if err := w.openSpool(s.resource); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = w.page(ctx, s); err != nil {
			return err
		}
		if more && w.service.clock.now().Sub(w.saved) >= w.every {
			if err := w.checkpoint(); err != nil {
				return err
			}
		}
	}
	// Whether the step or its last page is repeated after a kill, the state says
	// in one and the same write.
	w.state.Step, w.state.Cursor = w.state.Step+1, ""
	if err := w.checkpoint(); err != nil {
		return err
	}
	file := w.open
	w.open = nil
	return file.Close()
}

// page fetches a page and appends its rows.
func (w *walker) page(ctx context.Context, s step) (more bool, err error) {
	p, err := w.fetch(ctx, s)
	if err != nil {
		return false, err
	}
	w.buffer.Reset()
	late := 0
	for _, data := range p.Data {
		if s.detailed {
			if data, err = w.detail(ctx, data); err != nil {
				return false, err
			}
		}
		if data == nil {
			continue
		}
		r, err := readRow(data)
		if err != nil || r.ID == "" {
			return false, errors.Join(err, errors.New("the service sent a row without an id"))
		}
		if !r.changed().Before(w.state.Late) {
			late++
		}
		if err := w.line(data); err != nil {
			return false, err
		}
	}
	return p.Pagination.NextCursor != nil, w.append(s, p, late)
}

// line adds a row to the page. The service sends each in one line, mostly.
func (w *walker) line(data json.RawMessage) error {
	if !bytes.ContainsAny(data, "\r\n") {
		w.buffer.Write(data)
	} else if err := json.Compact(&w.buffer, data); err != nil {
		return err
	}
	return w.buffer.WriteByte('\n')
}

// append writes the page. Of a page that could not be written whole nothing
// counts: the next one, or a later run, overwrites it.
func (w *walker) append(s step, p page, late int) error {
	spool := w.state.spool(s.resource)
	if n, err := w.open.Write(w.buffer.Bytes()); err != nil {
		return fmt.Errorf("write %d of %d bytes: %w", n, w.buffer.Len(), err)
	}
	spool.add(w.buffer.Bytes(), late)
	if p.Pagination.NextCursor != nil {
		w.state.Cursor = *p.Pagination.NextCursor
	}
	w.progress.rows(s.resource, spool.Rows)
	return nil
}

// fetch gets the next page. One that is too large is asked for in smaller parts.
func (w *walker) fetch(ctx context.Context, s step) (p page, err error) {
	for limit := s.limit; ; limit /= 2 {
		q := query{limit: limit, cursor: w.state.Cursor, since: w.since(s)}
		body, err := w.service.get(ctx, func(ctx context.Context, api *client.Client) (*http.Response, error) {
			return s.list(ctx, api, q)
		})
		if errors.Is(err, errTooLarge) && limit > 1 {
			continue
		}
		if err != nil {
			return page{}, err
		}
		return p, json.Unmarshal(body, &p)
	}
}

// since makes lists go from the oldest change to the newest. What changes during
// the walk moves to its end and so is met again, in its new form; everything
// else stays where it is. Newest first it would be the new rows that are missed.
func (w *walker) since(s step) time.Time {
	switch {
	case s.again:
		return w.state.Late
	case w.state.Request.Since != nil:
		return *w.state.Request.Since
	case s.resource == eventsName:
		return time.Time{}
	default:
		return time.Unix(0, 0).UTC()
	}
}

// detail fetches a row by its id. One that has become invisible to the key since
// the list was made is nil.
func (w *walker) detail(ctx context.Context, listed json.RawMessage) (json.RawMessage, error) {
	r, err := readRow(listed)
	if err != nil {
		return nil, err
	}
	body, err := w.service.get(ctx, getCourse(r.ID))
	var refused *refusal
	if errors.As(err, &refused) && refused.status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var single struct{ Data json.RawMessage }
	if err := json.Unmarshal(body, &single); err != nil {
		return nil, err
	}
	return single.Data, nil
}

// openSpool opens the file as the state knows it: what a killed run wrote after
// its last checkpoint is cut off.
func (w *walker) openSpool(resource string) error {
	spool, name := w.state.spool(resource), spoolName(resource)
	f, err := w.disk.open(name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	w.open = f
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < spool.Bytes {
		return fmt.Errorf("%s is shorter than this program left it; export into an empty folder", w.disk.path(name))
	}
	return w.cut(spool.Bytes)
}

func (w *walker) cut(length int64) error {
	if err := w.open.Truncate(length); err != nil {
		return err
	}
	_, err := w.open.Seek(length, 0)
	return err
}

// checkpoint makes what was written last, and then says so in the state.
func (w *walker) checkpoint() error {
	w.failed = true
	if err := w.open.sync(); err != nil {
		return err
	}
	w.state.Calls += w.service.calls
	w.service.calls = 0
	if err := w.state.save(w.disk); err != nil {
		return err
	}
	w.saved, w.failed = w.service.clock.now(), false
	return nil
}
