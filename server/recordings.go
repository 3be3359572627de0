package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListRecordings lists the recordings of all live sessions.
func (a *API) ListRecordings(ctx context.Context, req gen.ListRecordingsRequestObject) (gen.ListRecordingsResponseObject, error) {
	options := listOptions(req.Params.Limit, req.Params.Cursor, req.Params.UpdatedSince)
	page, err := a.workspace(ctx).Recordings(ctx, options)
	if err != nil {
		return nil, err
	}
	return gen.ListRecordings200JSONResponse{
		Data:       payload.List(page.Items, payload.Recording),
		Pagination: pagination(page.NextCursor, options.Limit),
	}, nil
}

// GetRecording shows one recording.
func (a *API) GetRecording(ctx context.Context, req gen.GetRecordingRequestObject) (gen.GetRecordingResponseObject, error) {
	recording, err := a.workspace(ctx).Recording(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetRecording200JSONResponse{Data: payload.Recording(recording)}, nil
}

// CreateRecording registers where a recording of a session lies. Each call makes
// one: a session may have several. A session never goes back to scheduled, so its
// status may be read before the transaction.
func (a *API) CreateRecording(ctx context.Context, req gen.CreateRecordingRequestObject) (gen.CreateRecordingResponseObject, error) {
	session, err := a.workspace(ctx).LiveSession(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	if session.Status == store.SessionScheduled {
		return nil, invalid("", "the session has not started and has no recording")
	}
	fresh := store.NewRecording{
		LiveSessionID:   req.ID,
		Title:           req.Body.Title,
		URL:             req.Body.URL,
		URLExpiresAt:    req.Body.URLExpiresAt,
		DurationSeconds: whole(req.Body.DurationSeconds),
		SizeBytes:       req.Body.SizeBytes,
		MimeType:        req.Body.MimeType,
		StartedAt:       req.Body.StartedAt,
		EndedAt:         req.Body.EndedAt,
	}
	return once(ctx, a, gen.CreateRecordingResponseObject.VisitCreateRecordingResponse, func(tx *store.Tx) (gen.CreateRecordingResponseObject, error) {
		recording, err := tx.CreateRecording(ctx, fresh)
		if err != nil {
			return nil, err
		}
		return gen.CreateRecording201JSONResponse{Data: payload.Recording(recording)},
			tx.Emit(ctx, payload.RecordingReady(recording))
	})
}
