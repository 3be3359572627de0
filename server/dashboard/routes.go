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
	return slices.Concat(accountRoutes, passwordRoutes, invitationRoutes, profileRoutes, teamRoutes, auditRoutes, mailRoutes, keyRoutes,
		hookRoutes)
}

// room is a place that the menu names, for those who may enter it.
type room struct {
	Path, Name  string
	may         permission
	development bool // only in development
}

// rooms is the menu. A page belongs to the room with the longest path that its
// own begins with.
var rooms = []room{
	{Path: "/dashboard/developer", Name: "API keys", may: member},
	{Path: "/dashboard/developer/webhooks", Name: "Webhooks", may: member},
	{Path: "/dashboard/team", Name: "Team", may: member},
	{Path: "/dashboard/audit", Name: "Audit log", may: auditor},
	{Path: "/dashboard/account", Name: "Your account", may: member},
	{Path: "/dashboard/mail", Name: "Sent e-mail", may: peopleManager, development: true},
}
