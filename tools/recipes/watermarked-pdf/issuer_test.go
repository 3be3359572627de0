package main

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
	"github.com/thebigclass/api/tools/recipes/internal/standin/mail"
)

// One file that is refused for good, such as one that is too large for the buyer, holds up no other, and is reported.
func TestWatermarkedPDF_AFileThatIsRefusedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	sample, err := os.ReadFile("sample/riyaz-notes.pdf")
	if err != nil {
		t.Fatal(err)
	}
	s.put("raga-yaman", sample)
	refused, count := mail.Refusal(552, "5.3.4 too large"), atomic.Int64{}
	s.server.Recipient = func(string) error {
		if count.Add(1) == 1 { // the first file's
			return refused
		}
		return nil
	}
	s.Start()
	s.Deliver(order(meera, item("download", "riyaz-notes"), item("download", "raga-yaman")))
	s.WantStatus("0 done, 0 waiting, 1 failed")
	s.says("the mail server answers 552")
	if letters := s.record.All(t); len(letters) != 1 || letters[0].Attachments[0].Name != "raga-yaman.pdf" {
		t.Errorf("%+v, want the second file", letters)
	}
}

// While one file can still be sent, a refusal of another does not end the order; and none of the problems is dropped.
func TestWatermarkedPDF_WhatMaySucceedIsTriedAgainBesideWhatMayNot(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	refused := mail.Refusal(552, "5.3.4 too large")
	s.answer.Store(&refused)
	s.Start()
	s.Deliver(order(meera, item("download", "raga-yaman"), item("download", "riyaz-notes")))
	s.says("raga-yaman.pdf: no such file")
	s.says("the mail server answers 552")
	s.WantStatus("0 done, 1 waiting, 0 failed")
	sample, err := os.ReadFile("sample/riyaz-notes.pdf")
	if err != nil {
		t.Fatal(err)
	}
	s.answer.Store(nil)
	s.put("raga-yaman", sample)
	s.Advance(time.Minute)
	s.WantStatus("1 done, 0 waiting, 0 failed")
	if letters := s.record.All(t); len(letters) != 2 {
		t.Errorf("%+v, want both files", letters)
	}
}

func TestTogether_IsPermanentOnlyIfAllAre(t *testing.T) {
	t.Parallel()
	passing, final := errors.New("busy"), recipe.Permanent(errors.New("refused"))
	for _, c := range []struct {
		problems []error
		want     bool
	}{
		{[]error{final}, true}, {[]error{final, final}, true}, {[]error{passing}, false}, {[]error{final, passing}, false}, {[]error{passing, final}, false},
	} {
		words := errors.Join(c.problems...).Error()
		if got := together(c.problems); recipe.IsPermanent(got) != c.want || got.Error() != words {
			t.Errorf("%q: %v", words, got)
		}
	}
	if together(nil) != nil {
		t.Error("an order without problems is one")
	}
	if !errors.Is(together([]error{final, passing}), passing) { // it may say when to come back
		t.Error("what passes has lost more than its words")
	}
}
