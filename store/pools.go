package store

import (
	"database/sql"
	"time"
)

// Pool is how busy the connections of one kind are in this process.
type Pool struct {
	Name              string // postgres: main, admission; sqlite: writer, readers, counters
	InUse, Idle, Most int
	Waits             int64         // how often somebody had to wait for a connection, since the start
	Waited            time.Duration // for how long, all together
}

// Pools asks no database.
func (s *Store) Pools() []Pool { return s.engine.pools() }

func poolOf(name string, db *sql.DB) Pool {
	is := db.Stats()
	return Pool{
		Name: name, InUse: is.InUse, Idle: is.Idle, Most: is.MaxOpenConnections, Waits: is.WaitCount, Waited: is.WaitDuration,
	}
}

func (e *sqliteEngine) pools() []Pool {
	return []Pool{poolOf("writer", e.writer), poolOf("readers", e.readers), poolOf("counters", e.usage)}
}

func (e *postgresEngine) pools() []Pool {
	is := e.small.Stat()
	return []Pool{poolOf("main", e.pool), {
		Name: "admission", InUse: int(is.AcquiredConns()), Idle: int(is.IdleConns()), Most: int(is.MaxConns()),
		Waits: is.EmptyAcquireCount(), Waited: is.EmptyAcquireWaitTime(),
	}}
}
