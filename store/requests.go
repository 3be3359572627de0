package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// KeptRequests is how many of a key's last requests the log keeps, and RequestAge for how long at most.
const (
	KeptRequests = 500
	RequestAge   = EventAge
)

// Request is one call with a good key as the log keeps it: no path, no query, no header and no body.
type Request struct {
	WorkspaceID string
	KeyID       string
	KeyName     string // only when read
	ID          string // the request id; a caller may choose its own, so it is not unique
	At          time.Time
	Method      string
	Route       string // the template; "" where no path of the contract was called
	Status      int
	Took        time.Duration
	Address     string // of the client
}

const requestColumns = `l.workspace_id, l.key_id, l.created_at, l.id, l.method, l.route, l.status, l.microseconds, l.address`

// targets are in the order of requestColumns.
func (r *Request) targets(microseconds *int64) []any {
	return []any{&r.WorkspaceID, &r.KeyID, at(&r.At), &r.ID, &r.Method, &r.Route, &r.Status, microseconds, &r.Address}
}

func scanRequest(row *sql.Rows, r *Request) error {
	var took int64
	err := row.Scan(r.targets(&took)...)
	r.Took = time.Duration(took) * time.Microsecond
	return err
}

// KeyRequests lists the last KeptRequests requests of a key, newest first. A key of another workspace has none.
func (w *Workspace) KeyRequests(ctx context.Context, keyID string, opt ListOptions) (Page[Request], error) {
	opt.UpdatedSince = nil
	list := listing[Request]{
		// Between two trims a key has some more lines than that. By the primary key, read from its end.
		name: "requests", columns: requestColumns, alias: "l",
		from: fmt.Sprintf(`(SELECT %s FROM request_log l WHERE l.workspace_id = $1 AND l.key_id = $2
			ORDER BY l.created_at DESC, l.id DESC LIMIT %d) l`, requestColumns, KeptRequests),
		scan:  scanRequest,
		stand: func(r *Request) (time.Time, time.Time, string) { return r.At, r.At, r.ID },
	}
	list.filter("l.key_id = %s", &keyID)
	return list.read(ctx, w, opt)
}

// foundRequests bounds a search. Only a client that sends one id again and again has more than one request to it.
const foundRequests = 50

// FindRequests is every request of the workspace with this request id that the log still has, newest first, at most
// 50. By the index request_log_id.
func (w *Workspace) FindRequests(ctx context.Context, id string) ([]Request, error) {
	found, err := scanAll(ctx, w.scope, sqlQuery{
		text: `SELECT ` + requestColumns + `, k.name FROM request_log l
			JOIN api_keys k ON k.workspace_id = l.workspace_id AND k.id = l.key_id
			WHERE l.workspace_id = $1 AND l.id = $2 ORDER BY l.created_at DESC, l.key_id LIMIT $3`,
		args: []any{id, foundRequests},
	}, func(row *sql.Rows, r *Request) error {
		var took int64
		err := row.Scan(append(r.targets(&took), &r.KeyName)...)
		r.Took = time.Duration(took) * time.Microsecond
		return err
	})
	return found, wrap("find requests", err)
}

// RemoveOldRequests deletes at most batch lines that are older than RequestAge and returns how many. Call it again
// while it returns something; a small batch holds locks for a short time.
func (s *Store) RemoveOldRequests(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "requests", `DELETE FROM request_log WHERE (workspace_id, key_id, created_at, id) IN (
		SELECT workspace_id, key_id, created_at, id FROM request_log
		WHERE created_at <= {now} - $1 ORDER BY created_at LIMIT $2)`, RequestAge.Microseconds(), batch)
}
