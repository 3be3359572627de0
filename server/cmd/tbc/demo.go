package main

import (
	"context"
	"fmt"

	"github.com/thebigclass/api/store"
)

// seeded is what scripts need of a workspace that was filled. Its names are
// those of tbc seed --json.
type seeded struct {
	WorkspaceID string `json:"workspaceId"`
	APIKey      string `json:"apiKey"`
	Login       login  `json:"login"`
}

// login is for the dashboard. Its password is known only to whoever reads it now.
type login struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// makeDemo makes the demo workspace with a key of every scope and a login.
func (p *program) makeDemo(ctx context.Context, db *database) (seeded, error) {
	made, err := db.CreateWorkspace(ctx, store.DemoWorkspace())
	if err != nil {
		return seeded{}, fmt.Errorf("make the demo workspace: %w", err)
	}
	now, err := db.Clock(ctx)
	if err != nil {
		return seeded{}, err
	}
	if err := db.SeedDemo(ctx, made.ID, now); err != nil {
		return seeded{}, fmt.Errorf("fill the demo workspace: %w", err)
	}
	return p.withKey(ctx, db, made.ID, store.NewKey{Name: "Demo key"})
}

// withKey makes a key of every scope, and the owner's login, for a workspace that
// was just filled.
func (p *program) withKey(ctx context.Context, db *database, workspaceID string, fresh store.NewKey) (seeded, error) {
	fresh.Scopes, fresh.CreatedBy = scopeNames(), madeByCLI
	_, secret, err := createKey(ctx, db, workspaceID, fresh)
	if err != nil {
		return seeded{}, fmt.Errorf("make a key: %w", err)
	}
	members, err := db.Workspace(workspaceID).Members(ctx)
	if err != nil || len(members) == 0 {
		return seeded{}, fmt.Errorf("find the owner: %w", err)
	}
	made, err := p.newPassword(ctx, db, members[0].UserID)
	return seeded{WorkspaceID: workspaceID, APIKey: secret, Login: login{Email: members[0].Email, Password: made}}, err
}
