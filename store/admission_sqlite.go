package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// admissionGroup is the most admissions that share one commit. A commit costs as much as many statements.
const admissionGroup = 64

// admissionQueue admits on SQLite. One goroutine owns the one connection that writes counters; it takes whoever
// waits, admits them in one transaction and answers after its commit, so that no answer is ever taken back.
type admissionQueue struct {
	requests chan *admissionRequest
	stop     chan struct{}
	stopped  chan struct{}
	once     sync.Once

	usagePath, mainPath string
	now                 func() time.Time
	conn                *admissionConn // nil until the first call, and after a fault
}

type admissionRequest struct {
	hash   [32]byte
	answer Admission
	err    error
	done   chan struct{}
}

var errClosed = errors.New("the store is closed")

func startAdmissions(ctx context.Context, usagePath, mainPath string, now func() time.Time) *admissionQueue {
	q := &admissionQueue{
		requests: make(chan *admissionRequest, admissionGroup),
		stop:     make(chan struct{}), stopped: make(chan struct{}),
		usagePath: usagePath, mainPath: mainPath, now: now,
	}
	go q.run(context.WithoutCancel(ctx)) // a group belongs to many callers: no ctx of one may break it
	return q
}

// admit waits for the answer of the goroutine. A call whose ctx has ended may have been counted.
func (q *admissionQueue) admit(ctx context.Context, hash [32]byte) (Admission, error) {
	request := &admissionRequest{hash: hash, done: make(chan struct{})}
	select {
	case q.requests <- request:
	case <-q.stop:
		return Admission{}, errClosed
	case <-ctx.Done():
		return Admission{}, ctx.Err()
	}
	select {
	case <-request.done:
		return request.answer, request.err
	case <-q.stopped:
		return Admission{}, errClosed
	case <-ctx.Done():
		return Admission{}, ctx.Err()
	}
}

// close stops the goroutine and waits for it. Closing twice is safe.
func (q *admissionQueue) close() error {
	q.once.Do(func() { close(q.stop) })
	<-q.stopped
	return nil
}

func (q *admissionQueue) run(ctx context.Context) {
	defer close(q.stopped)
	defer q.drop()
	for {
		select {
		case <-q.stop:
			return
		case first := <-q.requests:
			q.serve(ctx, q.group(first))
		}
	}
}

// group is first and whoever waits already. It is closed before its transaction begins: a caller who joined later
// would be answered from a snapshot that is older than its call, and could pass with a key that was just revoked.
func (q *admissionQueue) group(first *admissionRequest) []*admissionRequest {
	group := append(make([]*admissionRequest, 0, admissionGroup), first)
	for len(group) < admissionGroup {
		select {
		case next := <-q.requests:
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

func (q *admissionQueue) serve(ctx context.Context, group []*admissionRequest) {
	err := q.admitGroup(ctx, group)
	if err != nil {
		q.drop() // the next group gets a new connection
	}
	for _, request := range group {
		if err != nil {
			request.answer, request.err = Admission{}, fmt.Errorf("admit: %w", err)
		}
		close(request.done)
	}
}

func (q *admissionQueue) admitGroup(ctx context.Context, group []*admissionRequest) error {
	if q.conn == nil {
		conn, err := openAdmissionConn(ctx, q.usagePath, q.mainPath)
		if err != nil {
			return err
		}
		q.conn = conn
	}
	return q.conn.admitGroup(ctx, group, q.now)
}

func (q *admissionQueue) drop() {
	if q.conn != nil {
		q.conn.close()
		q.conn = nil
	}
}

// admissionConn is one connection to the counters' file with the main file attached read-only: attached otherwise,
// an immediate transaction would take the main file's write lock too.
type admissionConn struct {
	db                        *sql.DB
	conn                      *sql.Conn
	begin, find, keep, commit *sql.Stmt
}

const (
	findKeySQLite = `SELECT ` + admissionColumns + `, w.changed_at, u.minute, u.minute_count, u.day, u.day_count
		FROM core.api_keys k JOIN core.workspaces w ON w.id = k.workspace_id
		LEFT JOIN api_key_usage u ON u.key_id = k.id
		WHERE k.token_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)`
	keepUsageSQLite = `INSERT INTO api_key_usage (key_id, minute, minute_count, day, day_count, last_used_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key_id) DO UPDATE SET minute = excluded.minute,
			minute_count = excluded.minute_count, day = excluded.day, day_count = excluded.day_count,
			last_used_at = excluded.last_used_at`
)

func openAdmissionConn(ctx context.Context, usagePath, mainPath string) (*admissionConn, error) {
	db, err := sql.Open("sqlite", sqliteDSN(usagePath, "_pragma=synchronous(NORMAL)"))
	if err != nil {
		return nil, err
	}
	c := &admissionConn{db: db}
	if err := c.prepare(ctx, mainPath); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *admissionConn) prepare(ctx context.Context, mainPath string) (err error) {
	if c.conn, err = c.db.Conn(ctx); err != nil {
		return err
	}
	if _, err = c.conn.ExecContext(ctx, `ATTACH $1 AS core`, "file:"+url.PathEscape(mainPath)+"?mode=ro"); err != nil {
		return err
	}
	for _, statement := range []struct {
		into **sql.Stmt
		text string
	}{{&c.begin, `BEGIN IMMEDIATE`}, {&c.find, findKeySQLite}, {&c.keep, keepUsageSQLite}, {&c.commit, `COMMIT`}} {
		if *statement.into, err = c.conn.PrepareContext(ctx, statement.text); err != nil { //nolint:sqlclosecheck // kept for as long as the connection, which closes it
			return err
		}
	}
	return nil
}

func (c *admissionConn) close() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	_ = c.db.Close()
}

// keyState is what one group knows of one key: read once, counted in memory, written once. It never outlives the
// transaction, in which nobody else can write the counters.
type keyState struct {
	admissionRow
	usage   usage
	live    bool
	changed bool
}

// admitGroup admits all of group in one transaction. On an error nobody was admitted.
func (c *admissionConn) admitGroup(ctx context.Context, group []*admissionRequest, clock func() time.Time) error {
	if _, err := c.begin.ExecContext(ctx); err != nil {
		return err
	}
	now := micros(clock()) // after BEGIN IMMEDIATE, so that the times of commits grow over all processes
	states := make(map[[32]byte]*keyState, len(group))
	for _, request := range group {
		state, ok := states[request.hash]
		if !ok {
			var err error
			if state, err = c.findKey(ctx, request.hash, now); err != nil {
				return err
			}
			states[request.hash] = state
		}
		request.answer, request.err = state.admit(now)
	}
	for _, state := range states {
		if err := c.keepUsage(ctx, state, now); err != nil {
			return err
		}
	}
	_, err := c.commit.ExecContext(ctx)
	return err
}

func (s *keyState) admit(now int64) (Admission, error) {
	if !s.live {
		return Admission{}, ErrUnauthorized
	}
	counted, admitted := s.usage.at(now).count(s.key)
	if admitted {
		s.usage, s.changed = counted, true
	}
	answer := counted.admission(s.key, now, admitted)
	answer.Version = s.version
	return answer, nil
}

func (c *admissionConn) findKey(ctx context.Context, hash [32]byte, now int64) (*keyState, error) {
	found, err := c.find.QueryContext(ctx, hash[:], now)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	state := &keyState{}
	for found.Next() {
		if err := found.Scan(state.targets()...); err != nil {
			return nil, err
		}
		state.usage, _ = state.read() // the zero usage is that of a key's first call
		state.live = true
	}
	return state, found.Err()
}

// keepUsage writes the counters of a key that was admitted. A refusal writes nothing.
func (c *admissionConn) keepUsage(ctx context.Context, state *keyState, now int64) error {
	if !state.changed {
		return nil
	}
	u := state.usage
	_, err := c.keep.ExecContext(ctx, state.key.ID, u.minute, u.minuteCount, u.day, u.dayCount, now)
	return err
}
