// Command go receives webhooks of The Big Class: a starting point for a receiver of your own, on the package webhooks.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/thebigclass/api/webhooks"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx)
	stop()
	if err != nil {
		slog.Error("the receiver ends", "error", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) error {
	seen, err := openSeen(ctx, data("seen.sqlite"))
	if err != nil {
		return err
	}
	defer seen.close()
	secrets := strings.Split(os.Getenv("TBC_WEBHOOK_SECRET"), ",") // one, or during a change both
	for i := range secrets {
		secrets[i] = strings.TrimSpace(secrets[i])
	}
	// NewHandler refuses an empty secret, which would let anybody sign.
	config := webhooks.Config{Secrets: secrets, Now: time.Now, Dedupe: seen, Log: slog.Default()}
	handler, err := webhooks.NewHandler(config, work)
	if err != nil {
		return fmt.Errorf("TBC_WEBHOOK_SECRET: %w", err)
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8090"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "Listening on http://%s\n", listener.Addr())
	// The timeout keeps anybody from holding a connection open by sending slowly.
	server := &http.Server{Handler: handler, ReadTimeout: 15 * time.Second}
	// What is being worked on when the program is stopped is finished first.
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() { stopped <- server.Shutdown(context.WithoutCancel(ctx)) })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
