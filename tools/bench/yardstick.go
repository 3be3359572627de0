package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// yardstick serves the list of courses that it reads from body, encoded anew for every request, by a bare
// echo handler. It is what the server's own lists are measured against, in a process of its own.
func yardstick(ctx context.Context, addr string, body io.Reader) error {
	var list gen.CourseList
	if err := json.NewDecoder(body).Decode(&list); err != nil {
		return fmt.Errorf("read the list to serve: %w", err)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/api/v1/courses", func(c echo.Context) error { return c.JSON(http.StatusOK, list) })
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		stopped <- e.Shutdown(end)
	}()
	if err := e.Start(addr); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// startYardstick starts this program again as the yardstick for the given body of GET /courses.
func startYardstick(ctx context.Context, body []byte) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "yardstick", addr)
	cmd.Stdin = bytes.NewReader(body)
	p, err := start(cmd, addr)
	if err != nil {
		return nil, err
	}
	if err := p.await(ctx, "/api/v1/courses"); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}
