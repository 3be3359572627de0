package main

import (
	"os"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/standin/mail"
)

// One file that is refused for good, such as one that is too large for the buyer, holds up no other, and is reported.
func TestWatermarkedPDF_AFileThatIsRefusedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.sellTwo(1, mail.Refusal(552, "5.3.4 too large"))
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
