package server

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/store"
)

// call is what the gates learn about one request on its way in. It travels in
// the request's context; each gate writes the members it is named for.
type call struct {
	requestID string          // request id
	key       store.Key       // authenticate
	client    netip.Addr      // authenticate: where the call came from
	agent     string          // authenticate: its User-Agent
	version   int64           // authenticate: the version of the key's workspace
	rates     rates           // authenticate
	body      any             // validate: the typed body, nil where there is none
	raw       []byte          // validate: the body as sent, for the idempotency fingerprint
	once      *idempotentCall // idempotency: nil without an Idempotency-Key
	answer    *renderedAnswer // once: written in place of what the handler returned
}

type callKey struct{}

// callOf returns the request's call. Every request has one: identified runs first.
func callOf(ctx context.Context) *call {
	found, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		panic("server: a request without a call; is the request id gate installed?")
	}
	return found
}

// current is callOf for gates.
func current(c echo.Context) *call { return callOf(c.Request().Context()) }

// withCall starts the request's call.
func withCall(r *http.Request, started *call) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), callKey{}, started))
}

// may reports whether the calling key holds the scope.
func (c *call) may(scope string) bool {
	for _, held := range c.key.Scopes {
		if held == scope {
			return true
		}
	}
	return false
}

// workspace is the tenant of the calling key; nothing else names one.
func (a *API) workspace(ctx context.Context) *store.Workspace {
	return a.store.Workspace(callOf(ctx).key.WorkspaceID)
}
