package dashboard

import (
	"context"
	"slices"
)

// handler answers one visit. Its errors are the store's nouns; page.go knows
// their pages.
type handler func(d *Dashboard, ctx context.Context, v *visit) (answer, error)

// route is one page or one form of the dashboard.
type route struct {
	method, path string
	may          permission
	confirm      bool // whether the password must have been given within the last ten minutes
	serve        handler
}

// routes is every page and form, room by room.
func routes() []route {
	return slices.Concat(accountRoutes, keyRoutes)
}

// room is a place that the menu names, for those who may enter it.
type room struct {
	Path, Name string
	may        permission
}

// rooms is the menu. A page belongs to the room with the longest path that its
// own begins with.
var rooms = []room{
	{"/dashboard/developer", "API keys", member},
	{"/dashboard/developer/webhooks", "Webhooks", member},
}
