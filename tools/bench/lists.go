package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// loadTime is how long one throughput is measured, after warmTime of the same that does not count.
	loadTime = 3 * time.Second
	warmTime = time.Second
	// pageSize is the contract's default.
	pageSize = 25
	// minPage is less than any page of 25 courses or students weighs, and more than an empty list.
	minPage = 2000
)

// mainPlan is the data that most groups work on.
var mainPlan = plan{workspaces: 100, courses: 100_000, students: 20_000}

// mainDatabase is made and filled when the first group asks for it.
func (b *bench) mainDatabase(ctx context.Context, kind string) (database, error) {
	if db, ok := b.main[kind]; ok {
		return db, nil
	}
	db, err := b.filled(ctx, kind, "main", mainPlan)
	if err == nil {
		b.main[kind] = db
	}
	return db, err
}

// lists measures requests per second. Every connection has a key and a workspace of its own. The yardstick
// runs before each of ours, and a ratio is taken of neighbours, since the machine's speed drifts.
func (b *bench) lists(ctx context.Context, kind string) (err error) {
	db, err := b.mainDatabase(ctx, kind)
	if err != nil {
		return err
	}
	tokens, err := b.tokens(ctx, db, connections)
	if err != nil {
		return err
	}
	server, _, err := b.serve(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	body, err := fetch(ctx, server.addr, fmt.Sprintf("%s?limit=%d", coursesPath, pageSize), tokens[0])
	if err != nil {
		return err
	}
	bare, err := startYardstick(ctx, body)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()

	loads, err := listLoads(ctx, server.addr, tokens)
	if err != nil {
		return err
	}
	echo := load{addr: bare.addr, status: 200, minLength: minPage,
		requests: slices.Repeat([]requester{same(request(coursesPath, "", nil))}, connections)}
	for run := range runs {
		if err := b.listRun(ctx, kind, run, echo, loads); err != nil {
			return err
		}
	}
	return errors.Join(server.alive(), bare.alive())
}

// listRun measures every load once, each right after the yardstick.
func (b *bench) listRun(ctx context.Context, kind string, run int, echo load, loads map[string]load) error {
	var courses float64
	for _, id := range []string{"uncached", "students", "again", "304"} {
		bare, err := echo.warmThroughput(ctx)
		if err != nil {
			return fmt.Errorf("yardstick: %w", err)
		}
		ours, err := loads[id].warmThroughput(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		b.progress("list %s run %d: %-8s %6.0f/s, echo %6.0f/s", kind, run+1, id, ours, bare)
		switch id {
		case "students":
			b.results.add("list", id, kind, ours/courses)
			continue
		case "uncached":
			courses = ours
		}
		b.results.add("list", id, kind, ours/bare)
	}
	return nil
}

// warmThroughput is throughput after a moment that does not count.
func (l load) warmThroughput(ctx context.Context) (float64, error) {
	if _, err := l.throughput(ctx, warmTime); err != nil {
		return 0, err
	}
	return l.throughput(ctx, loadTime)
}

// listLoads prepares what each row sends: pages that no cache has seen, or one page again and again.
func listLoads(ctx context.Context, addr string, tokens []string) (map[string]load, error) {
	blank := load{addr: addr, status: 200, minLength: minPage}
	uncached, students, again, unchanged := blank, blank, blank, blank
	unchanged.status, unchanged.minLength = 304, 0
	for _, token := range tokens {
		courses, err := fullPages(ctx, addr, token, coursesPath)
		if err != nil {
			return nil, err
		}
		learners, err := fullPages(ctx, addr, token, studentsPath)
		if err != nil {
			return nil, err
		}
		tag, err := tagOf(ctx, addr, coursesPath+"?"+courses[0], token)
		if err != nil {
			return nil, err
		}
		uncached.requests = append(uncached.requests, fresh(coursesPath, token, courses))
		students.requests = append(students.requests, fresh(studentsPath, token, learners))
		again.requests = append(again.requests, same(request(coursesPath+"?"+courses[0], token, nil)))
		unchanged.requests = append(unchanged.requests, same(request(coursesPath+"?"+courses[0], token, tag)))
	}
	return map[string]load{"uncached": uncached, "students": students, "again": again, "304": unchanged}, nil
}

// tagOf is the entity tag of a page.
func tagOf(ctx context.Context, addr, path, token string) ([]byte, error) {
	c, err := dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer c.close()
	got, err := c.roundTrip(request(path, token, nil))
	if err == nil && (got.status != 200 || len(c.etag) == 0) {
		err = fmt.Errorf("GET %s: status %d, ETag %q", path, got.status, c.etag)
	}
	return c.etag, err
}
