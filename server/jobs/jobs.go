// Package jobs changes state whose time has come: scheduled publications,
// expiring enrollments and expiring secrets; it mails links to people who have
// forgotten their passwords; and it feeds recoveries of webhook endpoints. Any
// number of processes may run it at once. What is due is looked for over all
// workspaces without a lock and looked at again under the lock of its workspace,
// so that each change happens, and is told of, once.
package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// Interval is how often due work is looked for. With what a round takes, nothing
// is more than a second late.
const Interval = 500 * time.Millisecond

// batch is how much due work one search returns.
const batch = 100

// Jobs are the jobs of one process.
type Jobs struct {
	store   *store.Store
	log     *slog.Logger
	baseURL string
}

// New makes the jobs over an opened store. baseURL is the public origin, for links.
func New(opened *store.Store, log *slog.Logger, baseURL string) *Jobs {
	return &Jobs{store: opened, log: log, baseURL: baseURL}
}

// Run does what is due at every tick until ctx ends. Time is the database's, a
// tick only says when to look. The caller waits for Run to return.
func (j *Jobs) Run(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			j.Once(ctx)
		}
	}
}

// Once does all that is due now.
func (j *Jobs) Once(ctx context.Context) {
	j.do(ctx, job{name: "publish", due: j.store.DuePublications, change: publish})
	j.do(ctx, job{name: "expire", due: j.store.DueExpiries, change: expire})
	j.do(ctx, job{name: "expire secret", due: j.store.DueSecrets, change: expireSecret})
	j.do(ctx, job{name: "mail reset", due: j.store.DueResets, change: j.mailReset})
}

// job is one kind of work.
type job struct {
	name   string
	due    func(ctx context.Context, limit int) ([]store.Due, error)
	change func(ctx context.Context, tx *store.Tx, id string) error // changes nothing where it is not due any more
}

// do works off a job, batch by batch, until a batch is not full or nothing of it
// succeeds, and returns how much succeeded. What fails is logged and tried again at the next tick, and holds up
// the rest only if it fills a batch by itself.
func (j *Jobs) do(ctx context.Context, work job) (all int) {
	for {
		found, err := work.due(ctx, batch)
		if err != nil {
			j.complain(ctx, work.name, err)
			return all
		}
		done := 0
		for _, due := range found {
			err := j.store.Workspace(due.WorkspaceID).Tx(ctx, func(tx *store.Tx) error { return work.change(ctx, tx, due.ID) })
			if err == nil {
				done++
			} else if !errors.Is(err, store.ErrNotFound) {
				j.complain(ctx, work.name, err)
			}
		}
		all += done
		if len(found) < batch || done == 0 {
			return all
		}
	}
}

func (j *Jobs) complain(ctx context.Context, name string, err error) {
	if ctx.Err() == nil { // a stop is nobody's fault
		j.log.ErrorContext(ctx, "job failed", "job", name, "error", err.Error())
	}
}

func publish(ctx context.Context, tx *store.Tx, id string) error {
	course, published, err := tx.PublishDue(ctx, id)
	if err != nil || !published {
		return err
	}
	return tx.Emit(ctx, payload.CoursePublished(course))
}

func expire(ctx context.Context, tx *store.Tx, id string) error {
	enrollment, expired, err := tx.Expire(ctx, id)
	if err != nil || !expired {
		return err
	}
	return tx.Emit(ctx, payload.EnrollmentRevoked(enrollment))
}

func expireSecret(ctx context.Context, tx *store.Tx, endpointID string) error {
	return tx.ExpireSecret(ctx, endpointID)
}
