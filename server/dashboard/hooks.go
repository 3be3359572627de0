package dashboard

import (
	"context"
	"net/http"
	"net/url"

	"github.com/thebigclass/api/server/dashboard/chart"
	"github.com/thebigclass/api/store"
)

const hooksPath = "/dashboard/developer/webhooks"

// hookRoutes are the pages about webhooks. A GET below an endpoint is one route,
// since ServeMux could not tell {id}/edit from deliveries/{id}.
var hookRoutes = []route{
	{method: http.MethodGet, path: hooksPath, may: member, serve: (*Dashboard).hooks},
	{method: http.MethodGet, path: hooksPath + "/new", may: keeperOfHooks, serve: (*Dashboard).newHook},
	{method: http.MethodPost, path: hooksPath + "/new", may: keeperOfHooks, confirm: true, serve: (*Dashboard).createHook},
	{method: http.MethodGet, path: hooksPath + "/deliveries", may: member, serve: (*Dashboard).deliveries},
	{method: http.MethodGet, path: hooksPath + "/deliveries/{id}", may: member, serve: (*Dashboard).delivery},
	{method: http.MethodPost, path: hooksPath + "/deliveries/{id}/send", may: keeperOfHooks, serve: (*Dashboard).sendAgain},
	{method: http.MethodGet, path: hooksPath + "/debugger", may: member, serve: (*Dashboard).debugger},
	{method: http.MethodPost, path: hooksPath + "/debugger", may: member, serve: (*Dashboard).debug},
	{method: http.MethodGet, path: hooksPath + "/{id}", may: member, serve: (*Dashboard).hook},
	{method: http.MethodGet, path: hooksPath + "/{id}/{page}", may: keeperOfHooks, serve: (*Dashboard).hookRoom},
	{method: http.MethodPost, path: hooksPath + "/{id}/edit", may: keeperOfHooks, serve: (*Dashboard).changeHook},
	{method: http.MethodPost, path: hooksPath + "/{id}/rotate", may: keeperOfHooks, confirm: true, serve: (*Dashboard).rotateSecret},
	{method: http.MethodPost, path: hooksPath + "/{id}/revoke-old", may: keeperOfHooks, serve: (*Dashboard).revokeOldSecret},
	{method: http.MethodPost, path: hooksPath + "/{id}/test", may: keeperOfHooks, serve: (*Dashboard).testHook},
	{method: http.MethodPost, path: hooksPath + "/{id}/disable", may: keeperOfHooks, serve: (*Dashboard).disableHook},
	{method: http.MethodPost, path: hooksPath + "/{id}/enable", may: keeperOfHooks, serve: (*Dashboard).enableHook},
	{method: http.MethodPost, path: hooksPath + "/{id}/delete", may: keeperOfHooks, serve: (*Dashboard).deleteHook},
	{method: http.MethodPost, path: hooksPath + "/{id}/recover", may: keeperOfHooks, serve: (*Dashboard).recoverHook},
}

// hookPath is the page of an endpoint.
func hookPath(id string) string { return hooksPath + "/" + url.PathEscape(id) }

// deliveryPath is the page of a delivery.
func deliveryPath(id string) string { return hooksPath + "/deliveries/" + url.PathEscape(id) }

// newestShown is how many deliveries the pages of endpoints show.
const newestShown = 10

// hooksPage is the overview.
type hooksPage struct {
	Hooks      []hookView
	Full       bool // no more endpoints may be made
	Chart      chart.Chart
	Days       bool // whether the chart shows days
	Deliveries []deliveryView
}

// hooks shows the endpoints with their health, how deliveries ended, and the newest of them.
func (d *Dashboard) hooks(ctx context.Context, v *visit) (answer, error) {
	w := d.workspace(v)
	endpoints, err := w.Endpoints(ctx, store.ListOptions{Limit: store.MaxEndpoints})
	if err != nil {
		return answer{}, err
	}
	days := v.query("range") == "days"
	drawn, err := d.outcomeChart(ctx, v, days)
	if err != nil {
		return answer{}, err
	}
	newest, err := w.Deliveries(ctx, store.DeliveryQuery{ListOptions: store.ListOptions{Limit: newestShown}})
	if err != nil {
		return answer{}, err
	}
	page := hooksPage{Full: len(endpoints.Items) == store.MaxEndpoints, Chart: drawn, Days: days}
	for _, endpoint := range endpoints.Items {
		page.Hooks = append(page.Hooks, d.hookView(endpoint))
	}
	page.Deliveries = deliveryViews(newest.Items, page.Hooks)
	return show("webhooks", "Webhooks", page), nil
}

// hookRoom leads to the pages below an endpoint that only who may change it sees.
func (d *Dashboard) hookRoom(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	serve := map[string]func(context.Context, *visit, store.Endpoint) (answer, error){
		"edit": d.editHook, "delete": d.askToDelete, "secret": d.hookSecret,
	}[v.param("page")]
	if serve == nil {
		return answer{}, store.ErrNotFound
	}
	endpoint, err := d.workspace(v).Endpoint(ctx, id)
	if err != nil {
		return answer{}, err
	}
	return serve(ctx, v, endpoint)
}
