package store

import "slices"

// The roles of a member. What each may do is the dashboard's business.
const (
	Owner     = "owner"
	Admin     = "admin"
	Developer = "developer"
	Viewer    = "viewer"
)

// Roles are all of them, the most powerful first.
var Roles = []string{Owner, Admin, Developer, Viewer}

// knownRole refuses what is no role.
func knownRole(role string) error {
	if !slices.Contains(Roles, role) {
		return &Invalid{Field: "/role", Issue: "must be owner, admin, developer or viewer"}
	}
	return nil
}
