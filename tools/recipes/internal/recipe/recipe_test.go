package recipe_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
)

// kitchen runs a recipe whose work is the given function.
func kitchen(t *testing.T, work recipe.Work) *recipetest.Kitchen {
	return recipetest.New(t, recipe.Recipe{
		Name: "trial", Short: "Try", Addr: "127.0.0.1:0", Events: []string{"order.paid"},
		Open: func(context.Context, *recipe.Settings) (recipe.Work, error) { return work, nil },
	}, map[string]string{})
}

// ids are of the right shape and differ.
func id(n int) string { return "evt_01HXZK5Q7R9S1T3V5W7X9Y1Z" + string(rune('A'+n)) + "A" }

var orderPaid = recipetest.Event(id(0), "order.paid", map[string]any{"id": "ord_1"})

func TestRecipe_AnEventThatComesTwiceIsWorkedOnOnce(t *testing.T) {
	t.Parallel()
	var worked atomic.Int64
	k := kitchen(t, func(context.Context, recipe.Task) error { worked.Add(1); return nil })
	k.Start()
	deliver(k, orderPaid)
	k.WantStatus("1 done, 0 waiting, 0 failed")
	k.Stop()
	k.Start() // what the process remembers is gone, what the folder holds is not
	deliver(k, orderPaid)
	deliver(k, recipetest.Event(id(1), "order.paid", map[string]any{}))
	k.WantStatus("2 done, 0 waiting, 0 failed")
	if worked.Load() != 2 {
		t.Errorf("the work was done %d times, want once for each of two events", worked.Load())
	}
}

// An event that was answered is worked on although the program was stopped in the middle of it.
func TestRecipe_WhatAStopCutOffIsDoneAfterTheNextStart(t *testing.T) {
	t.Parallel()
	begun := make(chan int, 10)
	k := kitchen(t, func(ctx context.Context, task recipe.Task) error {
		begun <- task.Attempt
		if task.Attempt == 1 {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	k.Start()
	deliver(k, orderPaid)
	<-begun
	k.Stop()
	if printed, _ := k.Run("status"); !strings.HasPrefix(printed, "0 done, 1 waiting, 0 failed") {
		t.Fatalf("after the stop: %s", printed)
	}
	k.Start()
	if attempt := <-begun; attempt != 2 {
		t.Errorf("attempt %d, want 2", attempt)
	}
	k.WantStatus("1 done, 0 waiting, 0 failed")
}

// A failure is tried again after its delay and not before, and does not hold up other events.
func TestRecipe_AFailureWaitsAndLetsOthersPass(t *testing.T) {
	t.Parallel()
	var healed atomic.Bool
	attempts := make(chan string, 100)
	k := kitchen(t, func(_ context.Context, task recipe.Task) error {
		attempts <- task.ID
		if task.ID == id(0) && !healed.Load() {
			return recipe.After(time.Hour, errors.New("the service is away"))
		}
		return nil
	})
	k.Start()
	deliver(k, orderPaid)
	deliver(k, recipetest.Event(id(1), "order.paid", map[string]any{}))
	k.WantStatus("1 done, 1 waiting, 0 failed")
	if printed, _ := k.Run("status"); !strings.Contains(printed, "the service is away") {
		t.Errorf("status does not say why: %s", printed)
	}
	healed.Store(true)
	k.Advance(59 * time.Minute)
	deliver(k, recipetest.Event(id(2), "order.paid", map[string]any{}))
	k.WantStatus("2 done, 1 waiting, 0 failed")
	k.Advance(time.Hour)
	k.WantStatus("3 done, 0 waiting, 0 failed")
	if len(attempts) != 4 {
		t.Errorf("%d attempts, want four", len(attempts))
	}
}

// What cannot succeed is put aside with its reason, until a person has mended it.
func TestRecipe_APermanentFailureWaitsForAPerson(t *testing.T) {
	t.Parallel()
	var mended atomic.Bool
	k := kitchen(t, func(context.Context, recipe.Task) error {
		if !mended.Load() {
			return recipe.Permanent(errors.New("no such account"))
		}
		return nil
	})
	k.Start()
	deliver(k, orderPaid)
	k.WantStatus("0 done, 0 waiting, 1 failed")
	if printed, _ := k.Run("status"); !strings.Contains(printed, "failed after 1 attempts: no such account") {
		t.Errorf("status does not say why: %s", printed)
	}
	mended.Store(true)
	if printed, code := k.Run("retry"); code != 0 || !strings.HasPrefix(printed, "1 events") {
		t.Errorf("retry ends with %d: %s", code, printed)
	}
	k.WantStatus("1 done, 0 waiting, 0 failed")
}

// A service that is away for good makes no endless work: after three days of attempts a person is asked.
func TestRecipe_AfterThreeDaysAPersonIsAsked(t *testing.T) {
	t.Parallel()
	attempts := make(chan time.Time, 200)
	var k *recipetest.Kitchen
	k = kitchen(t, func(context.Context, recipe.Task) error {
		attempts <- k.Now()
		return errors.New("the service is away")
	})
	k.Start()
	deliver(k, orderPaid)
	first := <-attempts
	last := first
	k.Await(func() (string, bool) {
		for len(attempts) > 0 {
			last = <-attempts
		}
		k.Advance(time.Hour)
		printed, _ := k.Run("status")
		return printed, strings.HasPrefix(printed, "0 done, 0 waiting, 1 failed")
	}, "one failed")
	if tried := last.Sub(first); tried < 72*time.Hour {
		t.Errorf("given up after %s", tried)
	}
}

// A step that is done is not done again because the one after it failed.
func TestTask_AStepThatIsDoneIsNotRepeated(t *testing.T) {
	t.Parallel()
	var first atomic.Int64
	k := kitchen(t, func(ctx context.Context, task recipe.Task) error {
		if err := task.Step(ctx, "first", func() error { first.Add(1); return nil }); err != nil {
			return err
		}
		return task.Step(ctx, "second", func() error {
			if task.Attempt == 1 {
				return errors.New("not yet")
			}
			return nil
		})
	})
	k.Start()
	deliver(k, orderPaid)
	k.WantStatus("0 done, 1 waiting, 0 failed")
	k.Advance(time.Minute)
	k.WantStatus("1 done, 0 waiting, 0 failed")
	if first.Load() != 1 {
		t.Errorf("the first step was done %d times", first.Load())
	}
}

// What several events ask for is done for the first of them, and that is known after a restart.
func TestTask_WhatIsDoneOnceIsDoneForNoOtherEvent(t *testing.T) {
	t.Parallel()
	var worked atomic.Int64
	k := kitchen(t, func(ctx context.Context, task recipe.Task) error {
		return task.Once(ctx, "rfd_1", func() error {
			if worked.Add(1) == 1 {
				return errors.New("not yet")
			}
			return nil
		})
	})
	k.Start()
	deliver(k, orderPaid)
	k.WantStatus("0 done, 1 waiting, 0 failed")
	k.Advance(time.Minute)
	k.WantStatus("1 done, 0 waiting, 0 failed")
	k.Stop()
	k.Start()
	deliver(k, recipetest.Event(id(1), "order.paid", map[string]any{}))
	k.WantStatus("2 done, 0 waiting, 0 failed")
	if worked.Load() != 2 {
		t.Errorf("it was tried %d times, want one failure and one success", worked.Load())
	}
}

// A panic is a failed attempt: the program goes on with the other events.
func TestRecipe_APanicDoesNotEndTheProgram(t *testing.T) {
	t.Parallel()
	k := kitchen(t, func(_ context.Context, task recipe.Task) error {
		if task.ID == id(0) {
			panic("a bug")
		}
		return nil
	})
	k.Start()
	deliver(k, orderPaid)
	deliver(k, recipetest.Event(id(1), "order.paid", map[string]any{}))
	k.WantStatus("1 done, 1 waiting, 0 failed")
}

// Types that were not subscribed to, and bodies that somebody else signed, leave nothing behind.
func TestRecipe_OtherTypesAndForgeriesAreNotKept(t *testing.T) {
	t.Parallel()
	k := kitchen(t, func(context.Context, recipe.Task) error { return nil })
	k.Start()
	deliver(k, recipetest.Event(id(0), "course.published", map[string]any{}))
	if got := k.DeliverSigned(recipetest.Event(id(1), "order.paid", nil), "whsec_of_somebody_else"); got != http.StatusUnauthorized {
		t.Errorf("a forgery is answered %d, want 401", got)
	}
	deliver(k, recipetest.Event(id(2), "order.paid", map[string]any{}))
	k.WantStatus("1 done, 0 waiting, 0 failed")
}

// Two processes on one folder would do everything twice.
func TestRecipe_AFolderHasOneWorker(t *testing.T) {
	t.Parallel()
	k := kitchen(t, func(context.Context, recipe.Task) error { return nil })
	k.Start()
	printed, code := k.Run("--addr", "127.0.0.1:0")
	if code != 1 || !strings.Contains(printed, "another process works on") {
		t.Errorf("a second process ends with %d: %s", code, printed)
	}
}

// All that is missing is told at once, and the command line is told apart from work that failed.
func TestRecipe_MissingSettingsAreToldTogether(t *testing.T) {
	t.Parallel()
	k := recipetest.New(t, recipe.Recipe{
		Name: "trial", Addr: "127.0.0.1:0", Events: []string{"order.paid"},
		Open: func(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
			s.Require("TRIAL_TOKEN", "the token")
			s.URL("TRIAL_URL", "")
			return nil, nil
		},
	}, map[string]string{"TRIAL_URL": "ftp://secret@example.com"})
	delete(k.Env, "TBC_WEBHOOK_SECRET")
	printed, code := k.Run()
	for _, want := range []string{"no signing secret", "TRIAL_TOKEN is not set", "TRIAL_URL is not an http"} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not told: %s", want, printed)
		}
	}
	if code != 2 || strings.Contains(printed, "secret@") {
		t.Errorf("ends with %d and prints %s", code, printed)
	}
}

// deliver expects the event to be taken.
func deliver(k *recipetest.Kitchen, body []byte) {
	k.Helper()
	if got := k.Deliver(body); got != http.StatusNoContent {
		k.Fatalf("the recipe answers %d, want 204", got)
	}
}
