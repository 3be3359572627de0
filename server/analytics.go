package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// GetAnalyticsSummary sums up a window of calendar days of the workspace's time zone.
func (a *API) GetAnalyticsSummary(ctx context.Context, req gen.GetAnalyticsSummaryRequestObject) (gen.GetAnalyticsSummaryResponseObject, error) {
	var window store.AnalyticsWindow
	if req.Params.From != nil {
		window.From = req.Params.From.String()
	}
	if req.Params.To != nil {
		window.To = req.Params.To.String()
	}
	if req.Params.Window != nil {
		window.Window = string(*req.Params.Window)
	}
	sums, err := a.workspace(ctx).Analytics(ctx, window)
	if err != nil {
		return nil, err
	}
	summary, err := payload.AnalyticsSummary(sums)
	if err != nil {
		return nil, err
	}
	return gen.GetAnalyticsSummary200JSONResponse{Data: summary}, nil
}
