package dashboard

import (
	"context"
	"net/http"
)

// keyRoutes are the pages about API keys.
var keyRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/developer", may: member, serve: (*Dashboard).keys},
}

// keys lists the workspace's keys.
func (d *Dashboard) keys(ctx context.Context, v *visit) (answer, error) {
	listed, err := d.workspace(v).Keys(ctx)
	return show("keys", "API keys", listed), err
}
