package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

var errDown = errors.New("down")

func openForTest(t *testing.T) *seen {
	t.Helper()
	s, err := openSeen(t.Context(), filepath.Join(t.TempDir(), "seen.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func (s *seen) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func nothing(context.Context) error { return nil }

func TestSeen_WhatFailsIsNotRememberedAndWhatItWroteIsUndone(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	if _, err := s.db.ExecContext(t.Context(), "CREATE TABLE sales (id TEXT)"); err != nil {
		t.Fatal(err)
	}
	outcome := errDown
	sell := func(ctx context.Context) error {
		if _, err := transaction(ctx).ExecContext(ctx, "INSERT INTO sales VALUES ('ord_1')"); err != nil {
			return err
		}
		return outcome
	}
	if ran, err := s.Once(t.Context(), "evt_1", sell); !ran || !errors.Is(err, errDown) {
		t.Errorf("the failure: ran %t, %v", ran, err)
	}
	if sales, ids := s.count(t, "sales"), s.count(t, "seen"); sales != 0 || ids != 0 {
		t.Errorf("after the failure %d sales and %d ids are stored", sales, ids)
	}
	outcome = nil
	for _, want := range []bool{true, false} {
		if ran, err := s.Once(t.Context(), "evt_1", sell); ran != want || err != nil {
			t.Errorf("ran %t, %v; want %t", ran, err, want)
		}
	}
	if sales, ids := s.count(t, "sales"), s.count(t, "seen"); sales != 1 || ids != 1 {
		t.Errorf("in the end %d sales and %d ids are stored", sales, ids)
	}
}

func TestSeen_DeliveriesOfOneEventWaitForEachOther(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	var worked atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.Once(t.Context(), "evt_1", func(context.Context) error { worked.Add(1); return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if worked.Load() != 1 {
		t.Errorf("the event was worked on %d times", worked.Load())
	}
}

func TestSeen_APanicRemembersNothing(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	func() {
		defer func() { _ = recover() }()
		_, _ = s.Once(t.Context(), "evt_1", func(context.Context) error { panic("down") })
	}()
	if ran, err := s.Once(t.Context(), "evt_1", nothing); !ran || err != nil {
		t.Errorf("ran %t, %v", ran, err)
	}
}
