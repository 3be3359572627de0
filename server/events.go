package server

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListEvents reads the feed, oldest first: the stored envelopes themselves.
func (a *API) ListEvents(ctx context.Context, req gen.ListEventsRequestObject) (gen.ListEventsResponseObject, error) {
	page := listOptions(req.Params.Limit, req.Params.Cursor, nil)
	events, err := a.workspace(ctx).Events(ctx, store.EventQuery{
		Limit: page.Limit, Cursor: page.Cursor, Type: filter(req.Params.Type), Since: req.Params.Since,
	})
	if err != nil {
		return nil, err
	}
	return listedEvents{
		Data:       payload.List(events.Items, payload.Event),
		Pagination: pagination(events.NextCursor, page.Limit),
	}, nil
}

// GetEvent shows one event of the feed.
func (a *API) GetEvent(ctx context.Context, req gen.GetEventRequestObject) (gen.GetEventResponseObject, error) {
	event, err := a.workspace(ctx).Event(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return shownEvent{Data: payload.Event(event)}, nil
}

// listedEvents and shownEvent are the contract's answers with the bytes of each
// envelope as they were stored and signed. The generated code would write <, >
// and & as \u003c and so on: the same JSON, but no longer what a receiver got.
type (
	listedEvents gen.ListEvents200JSONResponse
	shownEvent   gen.GetEvent200JSONResponse
)

// VisitListEventsResponse implements gen.ListEventsResponseObject.
func (response listedEvents) VisitListEventsResponse(w http.ResponseWriter) error {
	return writeUnescaped(w, response)
}

// VisitGetEventResponse implements gen.GetEventResponseObject.
func (response shownEvent) VisitGetEventResponse(w http.ResponseWriter) error {
	return writeUnescaped(w, response)
}

// writeUnescaped writes a 200 that leaves raw JSON within it alone.
func writeUnescaped(w http.ResponseWriter, body any) error {
	w.Header().Set("Content-Type", contentTypeJSON)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(body)
}
