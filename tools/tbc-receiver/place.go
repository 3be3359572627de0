package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/thebigclass/api/tools/internal/wholefile"
)

// place is how far the events of a service were taken: behind an event, or, where none was seen yet, from a time on.
type place struct {
	Service string     `json:"service"`
	After   string     `json:"lastEventId,omitempty"`
	Since   *time.Time `json:"since,omitempty"`

	file string // "" if nobody asked for one
}

// openPlace reads the place that a run before has kept. Since is for the first run.
func openPlace(file, service string, since *time.Time) (*place, error) {
	p := &place{Service: service, Since: since, file: file}
	if file == "" {
		return p, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	kept := place{file: file}
	if err := json.Unmarshal(text, &kept); err != nil || kept.Service == "" {
		return nil, fmt.Errorf("--state %s holds no place in events; give another file", file)
	}
	if kept.Service != service {
		return nil, fmt.Errorf("--state %s holds a place in the events of %s; give another file", file, kept.Service)
	}
	if kept.After == "" && kept.Since == nil {
		kept.Since = since
	}
	return &kept, nil
}

// save replaces the file, if there is one, at once.
func (p *place) save() error {
	if p.file == "" {
		return nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return wholefile.Write(p.file, append(text, '\n'))
}
