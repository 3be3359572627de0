package main

import (
	"bytes"
	"context"
	"net"
	"sync"
	"time"
)

// How a proxy cuts a connection.
const (
	cutBeforeCommit = "before commit" // the commit never reaches the database
	cutAfterCommit  = "after commit"  // the database has committed, its answer never arrives
	cutAtByte       = "at a byte"     // wherever that is
	cutHalfOpen     = "half open"     // after a commit was passed on nothing passes any more; later the connection is reset
)

// commitMessage is how a driver commits: PostgreSQL's simple query "commit".
var commitMessage = []byte("Q\x00\x00\x00\x0bcommit\x00")

// cut is what the proxy is to do once. fired is closed when it has begun.
type cut struct {
	how   string
	after int           // bytes from now, for cutAtByte
	long  time.Duration // how long a half-open connection stays so
	fired chan struct{}
}

// proxy passes TCP connections on to the database, until it is told to break one.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	armed *cut
	pairs map[*pair]struct{}
}

// pair is a connection of the server and the one to the database that belongs to it.
type pair struct {
	proxy          *proxy
	server, target net.Conn
	once           sync.Once

	mu   sync.Mutex
	held *cut // drops what comes from the database: it was committed, but nobody is to know
}

func startProxy(ctx context.Context, target string) (*proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, target: target, pairs: map[*pair]struct{}{}}
	go p.accept() // ends with stop
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// stop ends the proxy and all that passes through it.
func (p *proxy) stop() error {
	err := p.listener.Close()
	p.mu.Lock()
	open := p.pairs
	p.pairs = map[*pair]struct{}{}
	p.mu.Unlock()
	for c := range open {
		c.reset()
	}
	return err
}

// arm makes the next occasion a cut.
func (p *proxy) arm(how string, after int, long time.Duration) *cut {
	c := &cut{how: how, after: after, long: long, fired: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = c
	return c
}

// disarm takes a cut back whose occasion did not come.
func (p *proxy) disarm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = nil
}

func (p *proxy) accept() {
	for {
		server, err := p.listener.Accept()
		if err != nil {
			return
		}
		target, err := net.DialTimeout("tcp", p.target, 5*time.Second)
		if err != nil {
			_ = server.Close() // as a database that is away would
			continue
		}
		c := &pair{proxy: p, server: server, target: target}
		p.mu.Lock()
		p.pairs[c] = struct{}{}
		p.mu.Unlock()
		go c.pass(server, target, true)
		go c.pass(target, server, false)
	}
}

// reset breaks both connections as a machine that vanished does.
func (c *pair) reset() {
	c.once.Do(func() {
		for _, conn := range []net.Conn{c.server, c.target} {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // a reset instead of an orderly end
			}
			_ = conn.Close()
		}
		c.proxy.mu.Lock()
		defer c.proxy.mu.Unlock()
		delete(c.proxy.pairs, c)
	})
}

// pass copies one direction until the connection ends or is cut.
func (c *pair) pass(from, to net.Conn, toDatabase bool) {
	defer c.reset()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			chunk, ok := c.filter(buffer[:n], toDatabase)
			if _, failed := to.Write(chunk); failed != nil || !ok {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// filter returns what passes of a chunk, and false if the connection ends with it.
func (c *pair) filter(chunk []byte, toDatabase bool) ([]byte, bool) {
	c.mu.Lock()
	held := c.held
	c.mu.Unlock()
	if held != nil {
		return nil, held.how == cutHalfOpen // after the commit: its answer is here, so it is durable
	}
	armed := c.proxy.due(chunk, toDatabase)
	if armed == nil {
		return chunk, true
	}
	defer close(armed.fired)
	switch armed.how {
	case cutBeforeCommit:
		return chunk[:bytes.Index(chunk, commitMessage)], false
	case cutAtByte:
		return chunk[:min(len(chunk), max(0, len(chunk)+armed.after))], false
	}
	c.mu.Lock()
	c.held = armed
	c.mu.Unlock()
	if armed.how == cutHalfOpen {
		time.AfterFunc(armed.long, c.reset)
	}
	return chunk, true
}

// due takes the armed cut if this chunk is its occasion.
func (p *proxy) due(chunk []byte, toDatabase bool) *cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.armed
	if c == nil {
		return nil
	}
	if c.how == cutAtByte {
		if c.after -= len(chunk); c.after > 0 {
			return nil
		}
	} else if !toDatabase || !bytes.Contains(chunk, commitMessage) {
		return nil
	}
	p.armed = nil
	return c
}
