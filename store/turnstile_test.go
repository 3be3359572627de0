package store

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestTurnstile_LetsThroughInTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var stile turnstile
		var order []int
		leave, err := stile.enter(t.Context(), "w")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			go func() {
				leave, err := stile.enter(t.Context(), "w")
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i)
				leave()
			}()
			synctest.Wait() // i is in the line before the next one comes
		}
		leave()
		synctest.Wait()
		for i, got := range order {
			if got != i {
				t.Fatalf("order %v", order)
			}
		}
		if len(order) != 5 || len(stile.lines) != 0 {
			t.Errorf("%d came through, %d lines left", len(order), len(stile.lines))
		}
	})
}

// Whoever gives up must not leave a hole in the line that stops those behind.
func TestTurnstile_ThoseBehindAnEndedCallGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var stile turnstile
		leave, err := stile.enter(t.Context(), "w")
		if err != nil {
			t.Fatal(err)
		}
		impatient, cancel := context.WithCancel(t.Context())
		passed := false
		go func() {
			if _, err := stile.enter(impatient, "w"); err == nil {
				t.Error("an ended call came through")
			}
		}()
		synctest.Wait()
		go func() {
			leave, err := stile.enter(t.Context(), "w")
			if err == nil {
				passed = true
				leave()
			}
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		leave()
		synctest.Wait()
		if !passed {
			t.Error("the call behind the ended one still waits")
		}
	})
}

func TestTurnstile_NamesDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	var stile turnstile
	for _, name := range []string{"a", "b"} {
		if _, err := stile.enter(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}
