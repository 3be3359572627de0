package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"time"

	"github.com/thebigclass/api/gen/client"
)

// stateName is the file that an interrupted export goes on from. It goes when
// the export is complete.
const stateName = "tbc-export.state"

// state is how far an export has come. There is no secret in it.
type state struct {
	Request request `json:"request"`

	Workspace client.MeWorkspace `json:"workspace"`
	Key       client.MeKey       `json:"key"`

	// Start is the service's time when the export began. What changed since a
	// little before, Late, may be met twice.
	Start time.Time `json:"start"`
	Late  time.Time `json:"late"`

	// Step is the step of the plan that is under way, and Cursor its next page.
	Step    int               `json:"step"`
	Cursor  string            `json:"cursor"`
	Spools  map[string]*spool `json:"spools"`
	Calls   int               `json:"calls"`
	LeftOut []omission        `json:"leftOut"`
}

// request is what was asked for. Going on with another one would mix two exports.
type request struct {
	URL    string     `json:"url"`
	Format string     `json:"format"`
	Since  *time.Time `json:"since"`
	Only   string     `json:"only,omitempty"`
	Test   bool       `json:"includeTest,omitempty"`
}

func (r request) equal(other request) bool {
	a, errA := json.Marshal(r)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && string(a) == string(b)
}

// spool is what is recorded of a file that rows are collected in.
type spool struct {
	Bytes int64 `json:"bytes"`
	Rows  int   `json:"rows"`
	Late  int   `json:"late"` // rows that may be there twice

	// CRC is of all its bytes, so that what was damaged between two runs is never taken for what the service sent.
	CRC uint32 `json:"crc32c"`
}

var crcTable = crc32.MakeTable(crc32.Castagnoli) // processors compute it as fast as they read

// add counts what was appended.
func (s *spool) add(text []byte, late int) {
	s.Bytes += int64(len(text))
	s.Rows += bytes.Count(text, []byte{'\n'})
	s.Late += late
	s.CRC = crc32.Update(s.CRC, crcTable, text)
}

// readState returns nil if the folder has none.
func readState(d *disk) (*state, error) {
	text, err := os.ReadFile(d.path(stateName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := new(state)
	if err := json.Unmarshal(text, s); err != nil || s.Spools == nil {
		return nil, fmt.Errorf("%s is damaged; export into an empty folder", d.path(stateName))
	}
	return s, nil
}

func (s *state) save(d *disk) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := d.writeWhole(stateName, append(text, '\n')); err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	return nil
}

func (s *state) spool(name string) *spool {
	if s.Spools[name] == nil {
		s.Spools[name] = new(spool)
	}
	return s.Spools[name]
}
