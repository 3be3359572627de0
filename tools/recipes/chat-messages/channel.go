package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// channel is where messages appear.
type channel struct {
	service, url string
	payload      func(text string) ([]byte, error)
}

// announcer tells channels of an order.
type announcer struct {
	channels []channel
	console  recipe.Console
}

func (a announcer) work(ctx context.Context, task recipe.Task) error {
	var order client.Order
	if err := json.Unmarshal(task.Data, &order); err != nil {
		return recipe.Permanent(fmt.Errorf("the order cannot be read: %w", err))
	}
	var told []error
	for _, to := range a.channels {
		tell := func() error { return a.tell(ctx, to, message(order)) }
		told = append(told, task.Step(ctx, to.service, tell))
	}
	return recipe.Join(told...)
}

func (a announcer) tell(ctx context.Context, to channel, text string) error {
	body, err := to.payload(text)
	if err != nil {
		return recipe.Permanent(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(body))
	if err != nil {
		return recipe.Permanent(errors.New("the URL of the " + to.service + " channel cannot be used"))
	}
	request.Header.Set("Content-Type", "application/json")
	_, err = a.console.Call(to.service, request)
	return err
}
