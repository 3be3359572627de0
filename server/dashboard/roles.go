package dashboard

import (
	"slices"

	"github.com/thebigclass/api/store"
)

// permission is what a page needs of whoever opens it.
type permission string

// The permissions. Every route names one.
const (
	anyone        permission = ""         // no session needed
	member        permission = "member"   // any role: to look, and one's own account
	keeperOfKeys  permission = "keys"     // make, replace and revoke API keys
	keeperOfHooks permission = "webhooks" // change webhook endpoints and send again
	auditor       permission = "audit"    // read the audit log
	peopleManager permission = "people"   // invite, change roles, remove
)

// roles says who may what. A role that is not named may nothing.
var roles = map[permission][]string{
	member:        {store.Owner, store.Admin, store.Developer, store.Viewer},
	keeperOfKeys:  {store.Owner, store.Admin, store.Developer},
	keeperOfHooks: {store.Owner, store.Admin, store.Developer},
	auditor:       {store.Owner, store.Admin, store.Developer},
	peopleManager: {store.Owner, store.Admin},
}

// may reports whether the role holds the permission.
func may(role string, p permission) bool {
	return p == anyone || slices.Contains(roles[p], role)
}
