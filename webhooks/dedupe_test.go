package webhooks_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/thebigclass/api/webhooks"
)

var errWork = errors.New("the database is down")

func succeed(context.Context) error { return nil }

func fail(context.Context) error { return errWork }

// once returns whether do ran, and fails on an error other than want.
func once(tb testing.TB, d webhooks.Dedupe, id string, do func(context.Context) error, want error) bool {
	tb.Helper()
	ran, err := d.Once(tb.Context(), id, do)
	wantError(tb, err, want)
	return ran
}

func TestMemory_RunsTheWorkUntilItHasSucceededAndNotAgain(t *testing.T) {
	t.Parallel()
	memory := webhooks.NewMemory(10)
	for i, step := range []struct {
		do  func(context.Context) error
		err error
		ran bool
	}{{fail, errWork, true}, {fail, errWork, true}, {succeed, nil, true}, {fail, nil, false}} {
		if ran := once(t, memory, "evt_1", step.do, step.err); ran != step.ran {
			t.Errorf("call %d: ran is %v", i+1, ran)
		}
	}
}

func TestMemory_AfterAPanicTheWorkRunsAgain(t *testing.T) {
	t.Parallel()
	memory := webhooks.NewMemory(10)
	func() {
		defer func() { _ = recover() }()
		_, _ = memory.Once(t.Context(), "evt_1", func(context.Context) error { panic("bug") })
	}()
	if !once(t, memory, "evt_1", succeed, nil) {
		t.Error("the event is lost")
	}
}

func TestMemory_ForgetsTheOldestWhenFull(t *testing.T) {
	t.Parallel()
	memory := webhooks.NewMemory(3)
	for i := range 4 {
		once(t, memory, fmt.Sprint("evt_", i), succeed, nil)
	}
	for _, id := range []string{"evt_1", "evt_2", "evt_3"} {
		if once(t, memory, id, succeed, nil) {
			t.Errorf("%s is forgotten within the limit", id)
		}
	}
	if !once(t, memory, "evt_0", succeed, nil) {
		t.Error("evt_0 is remembered beyond the limit")
	}
}

// The sender may attempt a delivery again while the first attempt is still at
// work; two of them at once would do the work twice.
func TestMemory_OverlappingCallsWaitForEachOther(t *testing.T) {
	t.Parallel()
	for _, first := range []error{nil, errWork} {
		synctest.Test(t, func(t *testing.T) {
			memory, finish := webhooks.NewMemory(10), make(chan error)
			go once(t, memory, "evt_1", func(context.Context) error { return <-finish }, first)
			synctest.Wait()
			second := make(chan bool, 1)
			go func() { second <- once(t, memory, "evt_1", succeed, nil) }()
			synctest.Wait()
			if len(second) != 0 {
				t.Fatal("the second call did not wait")
			}
			if !once(t, memory, "evt_2", succeed, nil) {
				t.Error("another event was held up")
			}
			finish <- first
			if ran := <-second; ran != (first != nil) {
				t.Errorf("first call ended with %v, second ran: %v", first, ran)
			}
		})
	}
}

func TestMemory_WaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory, finish := webhooks.NewMemory(10), make(chan error)
		go once(t, memory, "evt_1", func(context.Context) error { return <-finish }, nil)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ran, err := memory.Once(ctx, "evt_1", succeed)
		wantError(t, err, context.Canceled)
		if ran {
			t.Error("the work ran twice at once")
		}
		finish <- nil
	})
}
