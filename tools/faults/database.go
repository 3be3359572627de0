package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite", for one look at the file after the run

	"github.com/thebigclass/api/tools/testenv/postgres"
)

// The databases.
const (
	kindSQLite   = "sqlite"
	kindPostgres = "postgres"
)

// database is an empty one that a run fills. Its durability is the ordinary one of the product.
type database struct {
	kind    string
	folder  string
	url     string            // past every proxy
	cluster *postgres.Cluster // nil on SQLite
}

func openDatabase(ctx context.Context, kind, folder string) (*database, error) {
	db := &database{kind: kind, folder: folder}
	if kind == kindSQLite {
		db.url = "sqlite:" + filepath.Join(folder, "tbc.db")
		return db, nil
	}
	cluster, err := postgres.Start(ctx, postgres.Options{Log: os.Stderr})
	if err != nil {
		return nil, err
	}
	db.cluster, db.url = cluster, cluster.URL
	return db, nil
}

// address is where PostgreSQL listens.
func (db *database) address() string {
	parsed, err := url.Parse(db.url)
	if err != nil {
		return "" // the cluster wrote it
	}
	return parsed.Host
}

// through is the database's URL by way of a proxy.
func (db *database) through(proxy string) string {
	return strings.Replace(db.url, db.address(), proxy, 1)
}

func (db *database) close() error {
	if db.cluster == nil {
		return nil
	}
	return db.cluster.Stop()
}

// feedNumbers is what only the table shows of the feed: the API gives no sequence numbers away.
type feedNumbers struct{ count, first, last, taken int64 }

const readNumbers = `SELECT count(*), coalesce(min(e.seq), 0), coalesce(max(e.seq), 0),
	(SELECT last_event FROM workspaces WHERE id = '%[1]s') FROM events e WHERE e.workspace_id = '%[1]s' AND e.seq IS NOT NULL`

// numbers reads the numbers of a workspace's events past the server.
func (db *database) numbers(ctx context.Context, workspaceID string) (n feedNumbers, err error) {
	statement := fmt.Sprintf(readNumbers, workspaceID)
	if db.kind == kindSQLite {
		file, err := sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(db.folder, "tbc.db"))+"?mode=ro&_pragma=busy_timeout(5000)")
		if err != nil {
			return n, err
		}
		defer file.Close()
		return n, file.QueryRowContext(ctx, statement).Scan(&n.count, &n.first, &n.last, &n.taken)
	}
	row, err := db.cluster.Query(ctx, db.url, statement)
	if err != nil {
		return n, err
	}
	fields := strings.Split(row, "|")
	for i, to := range []*int64{&n.count, &n.first, &n.last, &n.taken} {
		if *to, err = strconv.ParseInt(fields[i], 10, 64); err != nil {
			return n, fmt.Errorf("numbers %q: %w", row, err)
		}
	}
	return n, nil
}
