package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
	"github.com/thebigclass/api/tools/recipes/internal/standin"
	"github.com/thebigclass/api/tools/recipes/internal/standin/mail"
)

const event = "evt_01HXZK5Q7R9S1T3V5W7X9Y1ZAA"

// shop is the recipe beside a mail server. answer, if it is set, is what the server says to a recipient.
type shop struct {
	*recipetest.Kitchen
	server mail.Server
	answer atomic.Pointer[error]
	record recipetest.Record[mail.Letter]
	shelf  string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{shelf: t.TempDir()}
	s.server.Recipient = func(string) error {
		if said := s.answer.Load(); said != nil {
			return *said
		}
		return nil
	}
	sample, err := os.ReadFile("sample/riyaz-notes.pdf")
	if err != nil {
		t.Fatal(err)
	}
	s.Kitchen = recipetest.New(t, watermarkedPDF, map[string]string{
		urlVariable: "smtp://" + listen(t, "127.0.0.1:0", &s.server, &s.record), fromVariable: "Asha <asha@example.com>", folderVariable: s.shelf,
	})
	s.put("riyaz-notes", sample)
	return s
}

// sellTwo starts the recipe and sells riyaz-notes and raga-yaman in one order. The mail server refuses the nth message.
func (s *shop) sellTwo(nth int64, refusal error) {
	s.Helper()
	sample, err := os.ReadFile("sample/riyaz-notes.pdf")
	if err != nil {
		s.Fatal(err)
	}
	s.put("raga-yaman", sample)
	count := atomic.Int64{}
	s.server.Recipient = func(string) error {
		if count.Add(1) == nth {
			return refusal
		}
		return nil
	}
	s.Start()
	s.Deliver(order(meera, item("download", "riyaz-notes"), item("download", "raga-yaman")))
}

// listen serves e-mail until the test ends.
func listen(t *testing.T, address string, server *mail.Server, record *recipetest.Record[mail.Letter]) string {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener, standin.NewRecord(record)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func (s *shop) put(product string, pdf []byte) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.shelf, product+".pdf"), pdf, 0o600); err != nil {
		s.Fatal(err)
	}
}

// says waits for a part of what status prints.
func (s *shop) says(want string) {
	s.Helper()
	s.Await(func() (string, bool) {
		printed, _ := s.Run("status")
		return printed, strings.Contains(printed, want)
	}, want)
}

func item(kind, product string) map[string]any {
	return map[string]any{"kind": kind, "productId": product, "title": "Riyaz Notes", "amount": 49900}
}

func order(customer map[string]any, items ...any) []byte {
	return recipetest.Event(event, "order.paid", map[string]any{
		"id": "ord_1", "number": "TBC-1042", "currency": "INR", "customer": customer, "items": items,
	})
}

var meera = map[string]any{"email": "meera@example.com", "name": "Meera Iyer"}

// The copy is the buyer's own on every page, and it is sent once however often the event comes.
func TestWatermarkedPDF_ABuyerGetsOneCopyWithTheNameOnEveryPage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Start()
	body := order(meera, item("course", "crs_1"), item("download", "riyaz-notes"), item("download", "riyaz-notes"))
	s.Deliver(body)
	s.Deliver(body)
	s.WantStatus("1 done, 0 waiting, 0 failed")
	s.Stop()
	s.Start()
	s.Deliver(body)
	s.WantStatus("1 done, 0 waiting, 0 failed")
	letters := s.record.All(t)
	if len(letters) != 1 || len(letters[0].Attachments) != 1 || len(letters[0].Attachments[0].Pages) != 2 {
		t.Fatalf("%+v, want one letter with a PDF of two pages", letters)
	}
	l := letters[0]
	if !slices.Equal(l.To, []string{"meera@example.com"}) || l.From != "asha@example.com" || l.MessageID != "<"+event+".1@example.com>" ||
		l.Subject != "Your copy of Riyaz Notes (order TBC-1042)" || l.Attachments[0].Name != "riyaz-notes.pdf" {
		t.Errorf("%+v", l)
	}
	for n, page := range l.Attachments[0].Pages {
		if !strings.HasSuffix(page, "\nLicensed to Meera Iyer, meera@example.com\nOrder TBC-1042") || !strings.HasPrefix(page, "R") {
			t.Errorf("page %d says %q", n+1, page)
		}
	}
}

// A server that knows nobody new at first, or is away, is asked again, and what was sent already is not sent again.
func TestWatermarkedPDF_GreylistingIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.sellTwo(2, mail.Refusal(451, "4.7.1 meera@example.com: come back later"))
	s.says("the mail server answers 451")
	s.Advance(2 * time.Second)
	s.WantStatus("1 done, 0 waiting, 0 failed")
	letters := s.record.All(t)
	if len(letters) != 2 || letters[0].Attachments[0].Name != "riyaz-notes.pdf" || letters[1].Attachments[0].Name != "raga-yaman.pdf" {
		t.Errorf("%+v, want each file once", letters)
	}
}

// A recipient that does not exist will not exist tomorrow either. The report does not show the address.
func TestWatermarkedPDF_ARefusalForGoodIsPutAside(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	refused := mail.Refusal(550, "5.1.1 meera@example.com: no such user")
	s.answer.Store(&refused)
	s.Start()
	s.Deliver(order(meera, item("download", "riyaz-notes")))
	s.WantStatus("0 done, 0 waiting, 1 failed")
	if printed, _ := s.Run("status"); !strings.Contains(printed, "answers 550") || strings.Contains(printed, "meera@") {
		t.Errorf("status prints %s", printed)
	}
	s.answer.Store(nil)
	s.Run("retry")
	s.WantStatus("1 done, 0 waiting, 0 failed")
}

func TestWatermarkedPDF_AServerThatIsAwayIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0") // a port that nobody serves once it is closed
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	s.Env[urlVariable] = "smtp://" + address
	s.Start()
	s.Deliver(order(meera, item("download", "riyaz-notes")))
	s.says("the mail server cannot be reached")
	listen(t, address, &s.server, &s.record)
	s.Advance(time.Minute)
	s.WantStatus("1 done, 0 waiting, 0 failed")
	if letters := s.record.All(t); len(letters) != 1 {
		t.Errorf("%d letters", len(letters))
	}
}

// A connection that breaks in the middle of the e-mail leaves no half of it, and the next attempt sends it.
func TestWatermarkedPDF_ABrokenConnectionIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	breaking, whole := mail.Server{CutAfterBytes: 1000}, recipetest.Record[mail.Letter]{}
	s.Env[urlVariable] = "smtp://" + listen(t, "127.0.0.1:0", &breaking, &s.record)
	s.Start()
	s.Deliver(order(meera, item("download", "riyaz-notes")))
	s.says("the mail server breaks off")
	s.Stop()
	s.Env[urlVariable] = "smtp://" + listen(t, "127.0.0.1:0", &s.server, &whole)
	s.Start()
	s.Advance(time.Minute)
	s.WantStatus("1 done, 0 waiting, 0 failed")
	if len(s.record.All(t)) != 0 || len(whole.All(t)) != 1 || whole.All(t)[0].MessageID != "<"+event+".0@example.com>" {
		t.Errorf("%+v and %+v", s.record.All(t), whole.All(t))
	}
}

// Names, titles and product ids are other people's words: they start no header, name no other recipient and no other file.
func TestWatermarkedPDF_WordsOfOthersStayWords(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Start()
	hostile := item("download", "riyaz-notes")
	hostile["title"] = "Riyaz\r\nBcc: evil@example.com\r\n\r\nfree"
	customer := map[string]any{"email": "meera@example.com", "name": "Meera\r\nBcc: evil@example.com \\n %p"}
	s.Deliver(order(customer, hostile, item("course", "../../secret"), item("course", "/etc/passwd\r\n")))
	s.WantStatus("1 done, 0 waiting, 0 failed")
	l := s.record.All(t)[0]
	if !slices.Equal(l.To, []string{"meera@example.com"}) || l.Subject != "Your copy of Riyaz Bcc: evil@example.com free (order TBC-1042)" {
		t.Errorf("%+v", l)
	}
	if page := l.Attachments[0].Pages[1]; !strings.Contains(page, "Licensed to meera@example.com\n") {
		t.Errorf("a page says %q", page)
	}
}

// An address that is two would send somebody else's copy, and one with a name of its own is not what was checked.
func TestWatermarkedPDF_WhatIsNotOneAddressIsRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"meera@example.com, evil@example.com", "Meera <evil@example.com>"} {
		s := newShop(t)
		s.Start()
		s.Deliver(order(map[string]any{"email": address, "name": nil}, item("download", "riyaz-notes")))
		s.WantStatus("0 done, 0 waiting, 1 failed")
	}
}

// After an erasure there is nobody to send to, and nothing to report.
func TestWatermarkedPDF_AnErasedBuyerGetsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Start()
	s.Deliver(order(map[string]any{"email": nil, "name": nil}, item("download", "riyaz-notes")))
	s.WantStatus("1 done, 0 waiting, 0 failed")
	if letters := s.record.All(t); len(letters) != 0 {
		t.Errorf("%+v", letters)
	}
}

// A download whose file is missing is not forgotten, does not hold up the rest of the order, and goes out once it is there.
func TestWatermarkedPDF_AMissingFileIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Start()
	s.Deliver(order(meera, item("download", "raga/yaman"), item("download", "riyaz-notes")))
	s.says("raga%2Fyaman.pdf: no such file")
	if letters := s.record.All(t); len(letters) != 1 || letters[0].Attachments[0].Name != "riyaz-notes.pdf" {
		t.Errorf("%+v", letters)
	}
	sample, err := os.ReadFile("sample/riyaz-notes.pdf")
	if err != nil {
		t.Fatal(err)
	}
	s.put("raga%2Fyaman", sample)
	s.Advance(time.Minute)
	s.WantStatus("1 done, 0 waiting, 0 failed")
	if letters := s.record.All(t); len(letters) != 2 || letters[1].Attachments[0].Name != "raga%2Fyaman.pdf" {
		t.Errorf("%+v", letters)
	}
}

// An order that was cut to fit into an event is read as a whole before anything is sent.
func TestWatermarkedPDF_ACutOrderIsReadAnew(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/orders/ord_1" || r.Header.Get("Authorization") != "Bearer tbc_key" {
			t.Errorf("%s %s", r.URL.Path, r.Header.Get("Authorization"))
		}
		standin.JSON(w, http.StatusOK, map[string]any{"data": map[string]any{
			"id": "ord_1", "number": "TBC-1042", "customer": meera, "items": []any{item("download", "riyaz-notes")},
		}})
	}))
	t.Cleanup(api.Close)
	s.Env["TBC_URL"] = api.URL
	s.Start()
	s.Deliver(recipetest.Event(event, "order.paid", map[string]any{"id": "ord_1", "truncated": true}))
	s.says("TBC_KEY is not set")
	s.Stop()
	s.Env["TBC_KEY"] = "tbc_key"
	s.Start()
	s.Run("retry")
	s.WantStatus("1 done, 0 waiting, 0 failed")
	if letters := s.record.All(t); len(letters) != 1 {
		t.Errorf("%+v", letters)
	}
}

// What would fail at the first sale is told at the start, all at once, without the password.
func TestWatermarkedPDF_FaultsAreToldAtTheStart(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.put("broken", []byte("%PDF-1.4 and no more"))
	s.put("huge", make([]byte, 2<<20))
	s.Env[urlVariable], s.Env[fromVariable], s.Env[limitVariable] = "http://me:secret@mail.example.com", "nobody", "1"
	printed, code := s.Run()
	for _, want := range []string{"broken.pdf cannot be used", "huge.pdf is larger than the 1 MB", urlVariable + ": not a URL such as", fromVariable + " is not"} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not told: %s", want, printed)
		}
	}
	if code != 2 || strings.Contains(printed, "secret") {
		t.Errorf("ends with %d and prints %s", code, printed)
	}
}
