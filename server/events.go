package server

import (
	"context"

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
	return gen.ListEvents200JSONResponse{
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
	return gen.GetEvent200JSONResponse{Data: payload.Event(event)}, nil
}
