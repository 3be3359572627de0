package store

// The roles of a member. What each may do is the dashboard's business.
const (
	Owner     = "owner"
	Admin     = "admin"
	Developer = "developer"
	Viewer    = "viewer"
)

// Roles are all of them, the most powerful first.
var Roles = []string{Owner, Admin, Developer, Viewer}
