package mail_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// letter is an e-mail that no database needs to hold.
var letter = store.OutgoingEmail{Email: store.Email{
	ID: "eml_1", Recipients: []string{"meera@example.com"}, Subject: "S", Body: "B\n", CreatedAt: storetest.Start,
}}

// A password reaches the server over TLS, whichever way TLS begins, and opens the door.
func TestSMTP_LogsInOverTLS(t *testing.T) {
	t.Parallel()
	for scheme, implicit := range map[string]bool{"smtp": false, "smtps": true} {
		server := newMailServer(t).certified()
		server.implicit, server.login = implicit, "tbc:hunter2"
		address := server.listen(anywhere)
		good := sender(t, scheme+"://tbc:hunter2@"+address)
		good.Trust(server.roots)
		if err := good.Send(t.Context(), letter); err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		if text := <-server.took; !strings.Contains(text, "Message-ID: <eml_1@example.com>") {
			t.Errorf("%s: took %s", scheme, text)
		}
		bad := sender(t, scheme+"://tbc:wrong@"+address)
		bad.Trust(server.roots)
		if err := bad.Send(t.Context(), letter); err == nil || !strings.Contains(err.Error(), "answered 535") {
			t.Errorf("%s with a wrong password: %v", scheme, err)
		}
	}
}

// A server that cannot prove its name gets neither password nor e-mail.
func TestSMTP_TrustsNoStranger(t *testing.T) {
	t.Parallel()
	for scheme, implicit := range map[string]bool{"smtp": false, "smtps": true} {
		server := newMailServer(t).certified()
		server.implicit, server.login = implicit, "tbc:hunter2"
		err := sender(t, scheme+"://tbc:hunter2@"+server.listen(anywhere)).Send(t.Context(), letter)
		if err == nil || !strings.Contains(err.Error(), "certificate") || len(server.took) != 0 {
			t.Errorf("%s: %v, took %d", scheme, err, len(server.took))
		}
	}
}

// Once the server has taken an e-mail it is sent, whatever happens to the conversation: else a copy would follow.
func TestSMTP_TakenIsSentHoweverTheConversationEnds(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	server.toGoodbye = ""
	if err := sender(t, "smtp://"+server.listen(anywhere)).Send(t.Context(), letter); err != nil {
		t.Error(err)
	}
	if len(server.took) != 1 {
		t.Errorf("took %d e-mails", len(server.took))
	}
}

// A server that says nothing holds a stop up no longer than it takes to hang up.
func TestSMTP_ASilentServerIsLeftWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", anywhere)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	called := make(chan net.Conn, 1)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			called <- conn
		}
	}()
	var log bytes.Buffer
	db := storetest.SQLite(t)
	loop, workspace := outbox(t, db, sender(t, "smtp://"+listener.Addr().String()), &log)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		loop.Run(ctx)
	}()
	conn := <-called
	defer conn.Close()
	stop()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the loop does not end")
	}
	claimed, err := db.Store.ClaimEmails(t.Context(), 10)
	if err != nil || len(claimed) != 1 || sentAt(t, workspace) {
		t.Errorf("%d e-mails are due after the stop, %v", len(claimed), err)
	}
}
