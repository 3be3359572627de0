package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// retries are the delays of a run: short, so that schedules run out within it.
const retries = "200ms,400ms,800ms,1s,2s"

// attemptsOf is how many attempts a schedule has.
var attemptsOf = 1 + strings.Count(retries, ",") + 1

// masterKey is for these runs alone: 32 zero bytes.
const masterKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// run is one database with its servers, its receiver and all that was noted.
type run struct {
	options
	kind   string
	folder string
	drive  time.Duration // how long operations and faults go on

	now func() time.Time
	out io.Writer

	db        *database
	workspace string
	replicas  []*replica
	proxies   []*proxy // one before each replica's database; none on SQLite
	receiver  *receiver
	client    *client
	world     *world
	ops       *record
	manager   *manager
	follower  *follower
	faults    faultLog
	began     time.Time
	closing   []func() error
}

// command is tbc with all that it may see.
func (r *run) command(databaseURL string, args ...string) *exec.Cmd {
	cmd := exec.Command(r.binary, args...)
	cmd.Dir = r.folder
	cmd.SysProcAttr = ownGroup() // a Ctrl-C is ours to pass on
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + r.folder, "TMPDIR=" + os.TempDir(), "DATABASE_URL=" + databaseURL,
		"TBC_MASTER_KEY=" + masterKey, "TBC_LOG_FORMAT=json", "TBC_WEBHOOK_RETRIES=" + retries,
	}
	return cmd
}

// tbc runs a command and returns what it prints.
func (r *run) tbc(args ...string) (string, error) {
	cmd := r.command(r.db.url, args...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("tbc %s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// scopes are all that operations and the ledger need.
const scopes = "read:courses,read:students,read:enrollments,read:orders,read:live_sessions,read:certificates,read:webhooks," +
	"read:events,write:courses,write:students,write:enrollments,write:orders,write:live_sessions,write:certificates,write:webhooks"

// prepare makes the database, the workspace, a key that no limit stops, the receiver and the servers.
func (r *run) prepare(ctx context.Context) (err error) {
	if r.db, err = openDatabase(ctx, r.kind, r.folder); err != nil {
		return err
	}
	r.closing = append(r.closing, r.db.close)
	if err := r.prepareWorkspace(); err != nil {
		return err
	}
	notes, err := openJournal(filepath.Join(r.folder, "journal.jsonl"))
	if err != nil {
		return err
	}
	r.closing = append(r.closing, notes.close)
	if r.receiver, err = startReceiver(ctx, notes, r.now, r.seed); err != nil {
		return err
	}
	r.closing = append(r.closing, r.receiver.stop)
	if r.ops, err = openRecord(filepath.Join(r.folder, "operations.jsonl")); err != nil {
		return err
	}
	r.closing = append(r.closing, r.ops.close)
	r.world, r.follower = newWorld(), &follower{run: r}
	r.manager = &manager{run: r, rng: rand.New(rand.NewPCG(r.seed, 3))}
	return r.prepareReplicas(ctx)
}

func (r *run) prepareWorkspace() (err error) {
	if _, err := r.tbc("migrate"); err != nil {
		return err
	}
	r.workspace, err = r.tbc("workspace", "create", "--name", "Faults", "--time-zone", "Europe/Berlin", "--currency", "EUR",
		"--owner-email", "owner@example.com")
	if err != nil {
		return err
	}
	const limit = "1000000000"
	made, err := r.tbc("key", "create", "--json", "--workspace", r.workspace, "--name", "faults", "--scope", scopes,
		"--rate-minute", limit, "--rate-day", limit)
	if err != nil {
		return err
	}
	var key struct{ Secret string }
	if err := json.Unmarshal([]byte(made), &key); err != nil {
		return fmt.Errorf("tbc key create: %w", err)
	}
	r.client = newClient(key.Secret)
	return nil
}

// prepareReplicas starts one server on SQLite and two on PostgreSQL, each of which has a proxy before the database.
func (r *run) prepareReplicas(ctx context.Context) error {
	names := []string{"a"}
	if r.kind == kindPostgres {
		names = []string{"a", "b"}
	}
	for _, name := range names {
		url := r.db.url
		if r.kind == kindPostgres {
			p, err := startProxy(ctx, r.db.address())
			if err != nil {
				return err
			}
			r.closing = append(r.closing, p.stop)
			r.proxies, url = append(r.proxies, p), r.db.through(p.address())
		}
		server := &replica{run: r, name: name, url: url, state: replicaDown}
		r.replicas = append(r.replicas, server)
		r.closing = append(r.closing, server.kill)
		if err := server.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// close undoes prepare, the last first.
func (r *run) close() error {
	var errs []error
	for i := len(r.closing) - 1; i >= 0; i-- {
		errs = append(errs, r.closing[i]())
	}
	r.closing = nil
	return errors.Join(errs...)
}

// running is a replica that takes calls; it waits for one. The random number is drawn in any case.
func (r *run) running(ctx context.Context, rng *rand.Rand) (*replica, string, error) {
	first := rng.IntN(len(r.replicas))
	for {
		for i := range r.replicas {
			server := r.replicas[(first+i)%len(r.replicas)]
			if addr := server.at(); addr != "" {
				return server, addr, nil
			}
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return nil, "", err
		}
	}
}

// perform makes a call and notes what came of it. One that is insisted on is repeated until it is answered.
func (r *run) perform(ctx context.Context, rng *rand.Rand, op *operation, insist bool) (*replica, error) {
	op.Sent = r.now()
	var server *replica
	var reply []byte
	for {
		var addr string
		var err error
		if server, addr, err = r.running(ctx, rng); err != nil {
			return nil, err
		}
		op.Tries++
		op.Status, reply, _ = r.client.do(ctx, addr, op) // without an answer there is nothing to say
		op.Ended = r.now()
		if op.answered() || !insist {
			break
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, fmt.Errorf("%s was never answered: %w", op.Kind, err)
		}
	}
	if op.Status != 0 {
		if err := op.read(reply); err != nil {
			return nil, fmt.Errorf("answer to %s: %w", op.Kind, err)
		}
	}
	if op.acknowledged() {
		r.world.learn(op)
	}
	return server, r.ops.add(op)
}

// workers make random operations until the drive is over, and then finish what they have begun.
func (r *run) workers(ctx context.Context, over <-chan struct{}) error {
	const count = 4
	var working sync.WaitGroup
	errs := make([]error, count)
	for i := range count {
		rng := rand.New(rand.NewPCG(r.seed, uint64(100+i)))
		working.Go(func() { errs[i] = r.work(ctx, rng, over) })
	}
	working.Wait()
	return errors.Join(errs...)
}

func (r *run) work(ctx context.Context, rng *rand.Rand, over <-chan struct{}) error {
	for {
		select {
		case <-over:
			return nil
		default:
		}
		op := nextOperation(r.world, rng, r.now())
		if _, err := r.perform(ctx, rng, op, op.Key != "" && rng.IntN(2) == 0); err != nil {
			return err
		}
		if err := pause(ctx, time.Duration(rng.IntN(120))*time.Millisecond); err != nil {
			return err
		}
	}
}
