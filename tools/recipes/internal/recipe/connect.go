package recipe

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/wholefile"
)

// secretVariable comes before the secret that connect has kept.
const secretVariable = "TBC_WEBHOOK_SECRET"

// endpoint is what connect keeps of the webhook endpoint that it made. It holds a secret.
type endpoint struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	Secret string `json:"secret"`

	// IdempotencyKey is stored before the call: if its answer is lost, a second connect gets the same answer (for 24 h)
	// and does not make a second endpoint.
	IdempotencyKey string `json:"idempotencyKey"`
}

func endpointFile(folder string) string { return filepath.Join(folder, "endpoint.json") }

// kept is what an earlier connect has stored, or nothing.
func kept(folder string) (endpoint, error) {
	text, err := os.ReadFile(endpointFile(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return endpoint{}, nil
	}
	if err != nil {
		return endpoint{}, err
	}
	var e endpoint
	if err := json.Unmarshal(text, &e); err != nil {
		return endpoint{}, fmt.Errorf("%s is damaged; remove it and connect again: %w", endpointFile(folder), err)
	}
	return e, nil
}

// keep replaces the file as a whole. It is for its owner alone.
func (e endpoint) keep(folder string) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.Write(endpointFile(folder), append(text, '\n'))
}

// secrets are those of the environment, or the one of connect.
func (s *Settings) secrets() []string {
	var secrets []string
	for secret := range strings.SplitSeq(s.Getenv(secretVariable), ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	if len(secrets) > 0 {
		return secrets
	}
	e, err := kept(s.Folder)
	if err != nil {
		s.Fault(err)
		return nil
	}
	if e.Secret == "" {
		s.Fault(fmt.Errorf("no signing secret: run the command connect once, or set %s", secretVariable))
	}
	return []string{e.Secret}
}

// connect makes the webhook endpoint, or says which one there is.
func (r Recipe) connect(ctx context.Context, folder, hook string, c Console) (endpoint, error) {
	settings := &Settings{Console: c, Folder: folder}
	origin := settings.URL("TBC_URL", "https://thebigclass.com")
	key := settings.Require("TBC_KEY", "an API key with the scope write:webhooks")
	if err := settings.check(); err != nil {
		return endpoint{}, err
	}
	e, err := kept(folder)
	if err != nil {
		return endpoint{}, err
	}
	switch {
	case e.Secret != "" && e.URL == hook:
		return e, nil
	case e.Secret != "":
		return endpoint{}, fmt.Errorf("%s sends to %s already: change its url with PATCH /webhook-endpoints/%s, and in %s, or remove that file to make another endpoint",
			e.ID, e.URL, e.ID, endpointFile(folder))
	}
	if e.IdempotencyKey == "" || e.URL != hook {
		e = endpoint{URL: hook, IdempotencyKey: "recipe-" + r.Name + "-" + rand.Text()}
		if err := e.keep(folder); err != nil {
			return endpoint{}, err
		}
	}
	if err := r.subscribe(ctx, origin, key, &e, c); err != nil {
		return endpoint{}, err
	}
	return e, e.keep(folder)
}

// subscribe makes the endpoint and fills in its id and secret.
func (r Recipe) subscribe(ctx context.Context, origin, key string, e *endpoint, c Console) error {
	api, err := client.NewClientWithResponses(strings.TrimRight(origin, "/")+"/api/v1", client.WithHTTPClient(c.HTTP),
		client.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
			request.Header.Set("Authorization", "Bearer "+key)
			return nil
		}))
	if err != nil {
		return err
	}
	label := "recipe " + r.Name
	body := client.WebhookEndpointCreate{URL: e.URL, Label: &label}
	for _, event := range r.Events {
		body.Events = append(body.Events, client.EventSubscription(event))
	}
	answer, err := api.CreateWebhookEndpointWithResponse(ctx, &client.CreateWebhookEndpointParams{IdempotencyKey: &e.IdempotencyKey}, body)
	if err != nil {
		return err
	}
	if answer.JSON201 == nil {
		if answer.StatusCode() < http.StatusMultipleChoices {
			return fmt.Errorf("%s answers %s and something else than an endpoint", origin, answer.Status()) // it may hold the secret
		}
		return fmt.Errorf("the endpoint was not made: %s %s", answer.Status(), shown(answer.Body))
	}
	e.ID, e.Secret = answer.JSON201.Data.ID, answer.JSON201.Data.Secret
	return nil
}
