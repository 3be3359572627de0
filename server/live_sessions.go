package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListLiveSessions lists live sessions of every status.
func (a *API) ListLiveSessions(ctx context.Context, req gen.ListLiveSessionsRequestObject) (gen.ListLiveSessionsResponseObject, error) {
	options := listOptions(req.Params.Limit, req.Params.Cursor, req.Params.UpdatedSince)
	page, err := a.workspace(ctx).LiveSessions(ctx, options)
	if err != nil {
		return nil, err
	}
	return gen.ListLiveSessions200JSONResponse{
		Data:       payload.List(page.Items, payload.LiveSession),
		Pagination: pagination(page.NextCursor, options.Limit),
	}, nil
}

// GetLiveSession shows one live session.
func (a *API) GetLiveSession(ctx context.Context, req gen.GetLiveSessionRequestObject) (gen.GetLiveSessionResponseObject, error) {
	session, err := a.workspace(ctx).LiveSession(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetLiveSession200JSONResponse{Data: payload.LiveSession(session)}, nil
}

// CreateLiveSession schedules a live class. Nobody is told until it starts.
func (a *API) CreateLiveSession(ctx context.Context, req gen.CreateLiveSessionRequestObject) (gen.CreateLiveSessionResponseObject, error) {
	fresh := store.NewLiveSession{
		CourseID:        req.Body.CourseID,
		Title:           req.Body.Title,
		Provider:        req.Body.Provider,
		ScheduledAt:     req.Body.ScheduledAt,
		DurationMinutes: req.Body.DurationMinutes,
		JoinURL:         req.Body.JoinURL,
	}
	return once(ctx, a, gen.CreateLiveSessionResponseObject.VisitCreateLiveSessionResponse, func(tx *store.Tx) (gen.CreateLiveSessionResponseObject, error) {
		session, err := tx.CreateLiveSession(ctx, fresh)
		if err != nil {
			return nil, err
		}
		return gen.CreateLiveSession201JSONResponse{Data: payload.LiveSession(session)}, nil
	})
}

// UpdateLiveSession changes what was planned. No event tells of it.
func (a *API) UpdateLiveSession(ctx context.Context, req gen.UpdateLiveSessionRequestObject) (gen.UpdateLiveSessionResponseObject, error) {
	patch := store.LiveSessionPatch{
		CourseID:        patchedOrNull(req.Body.CourseID),
		Title:           patched(req.Body.Title),
		Provider:        patchedOrNull(req.Body.Provider),
		ScheduledAt:     patched(req.Body.ScheduledAt),
		DurationMinutes: patched(req.Body.DurationMinutes),
		JoinURL:         patchedOrNull(req.Body.JoinURL),
	}
	return once(ctx, a, gen.UpdateLiveSessionResponseObject.VisitUpdateLiveSessionResponse, func(tx *store.Tx) (gen.UpdateLiveSessionResponseObject, error) {
		session, _, err := tx.UpdateLiveSession(ctx, req.ID, patch)
		if err != nil {
			return nil, err
		}
		return gen.UpdateLiveSession200JSONResponse{Data: payload.LiveSession(session)}, nil
	})
}

// StartLiveSession says that a session runs.
func (a *API) StartLiveSession(ctx context.Context, req gen.StartLiveSessionRequestObject) (gen.StartLiveSessionResponseObject, error) {
	return once(ctx, a, gen.StartLiveSessionResponseObject.VisitStartLiveSessionResponse, func(tx *store.Tx) (gen.StartLiveSessionResponseObject, error) {
		session, started, err := tx.StartLiveSession(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		response := gen.StartLiveSession200JSONResponse{Data: payload.LiveSession(session)}
		if !started {
			return response, nil
		}
		return response, tx.Emit(ctx, payload.LiveSessionStarted(session))
	})
}

// EndLiveSession says that a session is over, and how many took part if that is known.
func (a *API) EndLiveSession(ctx context.Context, req gen.EndLiveSessionRequestObject) (gen.EndLiveSessionResponseObject, error) {
	var attendees *int64
	if req.Body != nil {
		attendees = whole(req.Body.AttendeeCount)
	}
	return once(ctx, a, gen.EndLiveSessionResponseObject.VisitEndLiveSessionResponse, func(tx *store.Tx) (gen.EndLiveSessionResponseObject, error) {
		session, ended, err := tx.EndLiveSession(ctx, req.ID, attendees)
		if err != nil {
			return nil, err
		}
		response := gen.EndLiveSession200JSONResponse{Data: payload.LiveSession(session)}
		if !ended {
			return response, nil
		}
		return response, tx.Emit(ctx, payload.LiveSessionEnded(session))
	})
}

// whole is an optional count as the store takes it.
func whole(sent *int) *int64 {
	if sent == nil {
		return nil
	}
	n := int64(*sent)
	return &n
}
