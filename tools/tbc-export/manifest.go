package main

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/openapi"
)

// manifestName is the last file that an export writes: where it is, all is.
const manifestName = "manifest.json"

// manifest tells what an export holds, and what it does not.
type manifest struct {
	Complete        bool               `json:"complete"`
	ContractVersion string             `json:"contractVersion"`
	Service         string             `json:"service"`
	Workspace       client.MeWorkspace `json:"workspace"`
	Key             client.MeKey       `json:"key"`
	Format          string             `json:"format"`

	// Since is the time from which changes were asked for, null in a full export.
	Since      *time.Time `json:"since"`
	StartedAt  time.Time  `json:"startedAt"`
	FinishedAt time.Time  `json:"finishedAt"`
	// NextSince is what to give --since next time: nothing is missed, a little is
	// met again.
	NextSince time.Time `json:"nextSince"`

	Calls        int        `json:"calls"`
	RowsUniqueBy string     `json:"rowsUniqueBy"`
	Files        []written  `json:"files"`
	LeftOut      []omission `json:"leftOut"`
}

func newManifest(s *state, files []written, finished time.Time) manifest {
	return manifest{
		Complete: true, ContractVersion: contractVersion(), Service: s.Request.URL, Workspace: s.Workspace, Key: s.Key,
		Format: s.Request.Format, Since: s.Request.Since, StartedAt: s.Start, FinishedAt: finished.UTC().Truncate(time.Second),
		NextSince: s.Late, Calls: s.Calls, RowsUniqueBy: "id", Files: files, LeftOut: s.LeftOut,
	}
}

func (m manifest) save(d *disk) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return d.writeWhole(manifestName, append(text, '\n'))
}

var versionLine = regexp.MustCompile(`(?m)^  version: '?([0-9.]+)`)

// contractVersion is of the contract that this program was built from.
func contractVersion() string {
	found := versionLine.FindSubmatch(openapi.Bundle)
	if found == nil {
		return "unknown"
	}
	return string(found[1])
}
