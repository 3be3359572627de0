package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// GetMe tells which key made the call, for which workspace, and what is left of
// both quotas, this call included.
func (a *API) GetMe(ctx context.Context, _ gen.GetMeRequestObject) (gen.GetMeResponseObject, error) {
	made := callOf(ctx)
	info, err := a.workspace(ctx).Info(ctx)
	if err != nil {
		return nil, err
	}
	return gen.GetMe200JSONResponse{Data: gen.Me{
		Key:       payload.MeKey(made.key),
		Workspace: payload.MeWorkspace(info),
		RateLimits: gen.MeRateLimits{
			Minute: rateLimitWindow(made.rates.minute),
			Day:    rateLimitWindow(made.rates.day),
		},
	}}, nil
}

func rateLimitWindow(w store.Window) gen.RateLimitWindow {
	return gen.RateLimitWindow{Limit: w.Limit, Remaining: w.Remaining, Reset: w.Reset.Unix()}
}
