package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/cli"
)

const (
	// eventsKept is how long the service remembers what was deleted.
	eventsKept = 30 * 24 * time.Hour

	// slack is how far the clocks of the service's machines may be apart.
	slack = time.Minute
)

// export is one run: it begins an export or goes on with one.
type export struct {
	disk     *disk
	service  *service
	request  request
	progress *progress
	every    time.Duration
}

// run returns when the folder holds a complete export, or an error after which
// the next run goes on.
func (e *export) run(ctx context.Context) (m manifest, err error) {
	if err := os.MkdirAll(e.disk.folder, 0o700); err != nil {
		return m, err
	}
	held, err := lock(e.disk)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	s, err := e.resume()
	if err != nil {
		return m, err
	}
	if s != nil && e.disk.has(manifestName) { // killed between the last two writes
		return e.tidy(s)
	}
	if s, err = e.begin(ctx, s); err != nil {
		return m, err
	}
	steps, _ := plan(s.Key.Scopes, e.request.Only)
	w := walker{service: e.service, disk: e.disk, state: s, plan: steps, progress: e.progress, every: e.every}
	if err := w.walk(ctx); err != nil {
		return m, err
	}
	if err := ctx.Err(); err != nil {
		return m, err
	}
	files, err := e.write(ctx, s)
	if err != nil {
		return m, fmt.Errorf("write the files: %w", err)
	}
	s.Calls += e.service.calls
	if err := newManifest(s, files, e.now()).save(e.disk); err != nil {
		return m, err
	}
	return e.tidy(s)
}

// now is the service's time.
func (e *export) now() time.Time { return e.service.clock.now().Add(e.service.quota.ahead) }

// resume returns the state that the folder holds, or nil if it is empty.
func (e *export) resume() (*state, error) {
	s, err := readState(e.disk)
	if err != nil {
		return nil, err
	}
	if s != nil {
		if !s.Request.equal(e.request) {
			return nil, cli.WrongUsage(fmt.Errorf("%s holds the beginning of another export (address, format or --since differ); give another folder", e.disk.folder))
		}
		return s, nil
	}
	found, err := os.ReadDir(e.disk.folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range found {
		if entry.Name() != lockName && !strings.HasSuffix(entry.Name(), partial) {
			return nil, cli.WrongUsage(fmt.Errorf("%s is not empty, and no export in it is unfinished: a complete one is never overwritten, so give another folder", e.disk.folder))
		}
	}
	return nil, nil
}

// begin learns who the key is. Another key may go on with an export, if it can.
func (e *export) begin(ctx context.Context, s *state) (*state, error) {
	body, err := e.service.get(ctx, getMe)
	if err != nil {
		return nil, err
	}
	var me client.MeResponse
	if err := json.Unmarshal(body, &me); err != nil {
		return nil, err
	}
	if s != nil {
		err = goOn(s, me.Data)
	} else {
		s, err = e.first(me.Data)
	}
	if err != nil {
		return nil, err
	}
	if s.Request.Since == nil && slices.Contains(me.Data.Key.Scopes, "read:analytics") {
		e.estimate(ctx, collected(s))
	}
	return s, ctx.Err()
}

// first is the state of an export that begins now.
func (e *export) first(me client.Me) (*state, error) {
	now := e.now().UTC().Truncate(time.Second)
	steps, left := plan(me.Key.Scopes, e.request.Only)
	if len(steps) == 0 {
		return nil, errors.New("the key's scopes cover nothing of this export")
	}
	if since := e.request.Since; since != nil {
		if since.Before(now.Add(-eventsKept)) {
			return nil, cli.WrongUsage(errors.New("--since is more than 30 days ago, and what was deleted before that is no longer known: make a full export, without --since"))
		}
		if since.After(now) {
			return nil, cli.WrongUsage(errors.New("--since is in the future"))
		}
	}
	return &state{
		Request: e.request, Workspace: me.Workspace, Key: me.Key, Start: now, Late: now.Add(-slack),
		Spools: map[string]*spool{}, LeftOut: append([]omission{}, left...),
	}, nil
}

func goOn(s *state, me client.Me) error {
	if me.Workspace.ID != s.Workspace.ID {
		return fmt.Errorf("the export in this folder is of the workspace %s, and the key is of another", s.Workspace.ID)
	}
	for _, scope := range s.Key.Scopes {
		if _, before := plan(s.Key.Scopes, s.Request.Only); !slices.Contains(me.Key.Scopes, scope) {
			if _, after := plan(me.Key.Scopes, s.Request.Only); len(after) > len(before) {
				return fmt.Errorf("the export in this folder was begun by a key with the scope %s, which this one lacks", scope)
			}
		}
	}
	return nil
}

// estimate costs a call, and tells how much there is to come. An export does as
// well without.
func (e *export) estimate(ctx context.Context, walked []string) {
	if summary, err := e.service.get(ctx, getSummary); err == nil {
		e.progress.learn(summary, walked)
	}
}

// write turns what was collected into files.
func (e *export) write(ctx context.Context, s *state) ([]written, error) {
	out, err := newSink(ctx, e.disk, s)
	if err != nil {
		return nil, err
	}
	lost, err := e.deletions(s)
	if err != nil {
		return nil, err
	}
	for _, resource := range collected(s) {
		found, err := openRows(e.disk, resource, s, idsOf(lost, resource))
		if err != nil {
			return nil, err
		}
		if err := out.take(resource, found.each); err != nil {
			return nil, err
		}
	}
	if s.Spools[eventsName] != nil {
		if err := out.take(deletionsName, eachDeletion(lost)); err != nil {
			return nil, err
		}
	}
	return out.finish()
}

// collected are the resources of the plan, each once.
func collected(s *state) (names []string) {
	steps, _ := plan(s.Key.Scopes, s.Request.Only)
	for _, step := range steps {
		if !slices.Contains(names, step.resource) {
			names = append(names, step.resource)
		}
	}
	return names
}

// deletions are those since --since, or in a full export those that came while
// it was made.
func (e *export) deletions(s *state) ([]deletion, error) {
	if s.Spools[eventsName] == nil {
		return nil, nil
	}
	events, err := openRows(e.disk, eventsName, s, nil)
	if err != nil {
		return nil, err
	}
	since := s.Late
	if s.Request.Since != nil {
		since = *s.Request.Since
	}
	return findDeletions(events, since, slices.Contains(s.Key.Scopes, "write:courses"))
}

func eachDeletion(lost []deletion) func(func([]byte) error) error {
	return func(do func([]byte) error) error {
		for _, d := range lost {
			line, err := json.Marshal(d)
			if err != nil {
				return err
			}
			if err := do(line); err != nil {
				return err
			}
		}
		return nil
	}
}

// tidy removes what only an unfinished export needs.
func (e *export) tidy(s *state) (m manifest, err error) {
	text, err := os.ReadFile(e.disk.path(manifestName))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, err
	}
	for _, resource := range collected(s) {
		if err := e.disk.remove(spoolName(resource)); err != nil {
			return m, err
		}
	}
	return m, e.disk.remove(stateName)
}
