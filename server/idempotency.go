package server

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// idempotentCall is an Idempotency-Key with the request it was sent with.
type idempotentCall = store.IdempotencyKey

// idempotent leaves the Idempotency-Key of a POST in the call, where once finds it.
func (a *API) idempotent(op gen.Operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if op.Method != http.MethodPost {
			return next
		}
		return func(c echo.Context) error {
			made := current(c)
			if sent := c.Request().Header.Get(gen.HeaderIdempotencyKey); sent != "" {
				made.once = &idempotentCall{KeyID: made.key.ID, Key: sent, Fingerprint: fingerprint(c.Request(), made.raw)}
			}
			return next(c)
		}
	}
}

// fingerprint tells a repeat from another request under the same key.
func fingerprint(r *http.Request, body []byte) [32]byte {
	bodySum := sha256.Sum256(body)
	hash := sha256.New()
	for _, part := range []string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery} {
		_ = binary.Write(hash, binary.BigEndian, int64(len(part))) // lengths keep parts apart
		hash.Write([]byte(part))
	}
	hash.Write(bodySum[:])
	return [32]byte(hash.Sum(nil))
}

// once runs effect in a transaction and answers at most once per Idempotency-Key.
// The key is claimed first and the answer, rendered by the generated code, is
// stored last, both in the transaction of the effect: either all of it happened
// or none. A twin that comes meanwhile waits for the workspace's lock and then
// replays. A refusal rolls the claim back, so that the key is free again.
// render is the operation's own Visit method.
func once[R any](ctx context.Context, a *API, render func(R, http.ResponseWriter) error, effect func(*store.Tx) (R, error)) (R, error) {
	made := callOf(ctx)
	var response R
	var answer *renderedAnswer
	err := a.workspace(ctx).Tx(ctx, func(tx *store.Tx) (err error) {
		if answer, err = claimed(ctx, tx, made.once); answer != nil || err != nil {
			return err
		}
		if response, err = effect(tx); err != nil {
			return err
		}
		if any(response) == nil {
			return errNoResponse
		}
		answer = newRenderedAnswer()
		if err = render(response, answer); err != nil {
			return fmt.Errorf("render the answer: %w", err)
		}
		return kept(ctx, tx, made.once, answer)
	})
	if err != nil {
		var none R
		return none, err
	}
	made.answer = answer
	return response, nil
}

// claimed returns the stored answer of an earlier call, or nil once the key is ours.
func claimed(ctx context.Context, tx *store.Tx, key *idempotentCall) (*renderedAnswer, error) {
	if key == nil {
		return nil, nil
	}
	stored, err := tx.ClaimAnswer(ctx, *key)
	if stored == nil || err != nil {
		return nil, err
	}
	replay := newRenderedAnswer()
	replay.WriteHeader(stored.Status)
	for name, value := range stored.Header {
		replay.header.Set(name, value)
	}
	replay.header[gen.HeaderIdempotentReplayed] = []string{"true"}
	_, _ = replay.Write(stored.Body) // memory does not fail
	return replay, nil
}

// kept stores the answer of a call that had an Idempotency-Key. Handlers answer
// only 2xx; everything else is an error and never comes here.
func kept(ctx context.Context, tx *store.Tx, key *idempotentCall, answer *renderedAnswer) error {
	if key == nil {
		return nil
	}
	header := map[string]string{}
	for name := range answer.header {
		header[name] = answer.header.Get(name)
	}
	return tx.KeepAnswer(ctx, *key, store.Answer{Status: answer.status, Header: header, Body: answer.body.Bytes()})
}

// errNoResponse is a handler that returned neither a response nor an error.
// Generated code would send an empty 200 for it.
var errNoResponse = errors.New("the handler returned no response")

// answered is the gate between generated code and handlers: it sends what once
// has rendered and committed, and turns a nil response into a 500.
func answered(next gen.StrictHandlerFunc, operationID string) gen.StrictHandlerFunc {
	return func(c echo.Context, request any) (any, error) {
		response, err := next(c, request)
		if err != nil {
			return nil, err
		}
		if rendered := current(c).answer; rendered != nil {
			maps.Copy(c.Response().Header(), rendered.header)
			return nil, writeBody(c, rendered.status, rendered.body.Bytes())
		}
		if response == nil {
			return nil, fmt.Errorf("%s: %w", operationID, errNoResponse)
		}
		return response, nil
	}
}
