package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// madeByCLI is who made or revoked a key, where no user did.
const madeByCLI = store.CommandLine

func (p *program) key() *cobra.Command {
	return group("key", "Make, list and revoke API keys", p.keyCreate(), p.keyList(), p.keyRevoke())
}

func (p *program) keyCreate() *cobra.Command {
	fresh := store.NewKey{CreatedBy: madeByCLI}
	var workspaceID string
	var expires lifetime
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "create --workspace ID --name N --scope S… [--expires DURATION] [--rate-minute N] [--rate-day N] [--json]",
		Short: "Make an API key and print its secret once",
		Long: `Make an API key and print its secret, once: it is not stored and cannot be shown again.

Scopes: ` + strings.Join(scopeNames(), ", "),
		Example: `  tbc key create --workspace org_… --name "CRM sync" --scope read:students --scope write:students --expires 90d`,
		Args:    cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			if err := knownScopes(fresh.Scopes); err != nil {
				return err
			}
			if expires > 0 {
				end := p.now().UTC().Add(time.Duration(expires))
				fresh.ExpiresAt = &end
			}
			key, secret, err := createKey(cmd.Context(), db, workspaceID, fresh)
			if err != nil {
				return fmt.Errorf("make a key: %w", wrongInput(err))
			}
			if asJSON {
				record := keyJSON(key)
				record.Secret = secret
				return p.printJSON(record)
			}
			p.printf("%s\n", secret)
			return nil
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&workspaceID, "workspace", "", "id of the workspace (see tbc workspace list)")
	flags.StringVar(&fresh.Name, "name", "", "name, 1 to 200 characters")
	flags.StringVar(&fresh.Note, "note", "", "note for people")
	flags.StringSliceVar(&fresh.Scopes, "scope", nil, "scope; repeat it or separate several by commas")
	flags.Var(&expires, "expires", "lifetime, such as 90d or 12h (default: no end)")
	flags.IntVar(&fresh.MinuteLimit, "rate-minute", 60, "calls a minute")
	flags.IntVar(&fresh.DayLimit, "rate-day", 1000, "calls a day")
	flags.BoolVar(&asJSON, "json", false, "print the key's attributes and its secret as JSON")
	require(cmd, "workspace", "name", "scope")
	return cmd
}

func createKey(ctx context.Context, db *database, workspaceID string, fresh store.NewKey) (key store.Key, secret string, err error) {
	if workspaceID == "" {
		return key, "", usageError{fmt.Errorf("--workspace is empty")}
	}
	err = db.Workspace(workspaceID).Tx(ctx, func(tx *store.Tx) error {
		if key, secret, err = tx.CreateKey(ctx, fresh); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{Actor: madeByCLI, Action: "key.created", TargetID: key.ID, Detail: map[string]string{
			"hint": key.Hint, "scopes": strings.Join(key.Scopes, " "),
		}})
	})
	return key, secret, err
}

// scopeNames lists the contract's scopes.
func scopeNames() []string {
	names := make([]string, 0, len(gen.Scopes))
	for _, scope := range gen.Scopes {
		names = append(names, scope.Scope)
	}
	return names
}

func knownScopes(scopes []string) error {
	for _, scope := range scopes {
		if !slices.Contains(scopeNames(), scope) {
			return usageError{fmt.Errorf("unknown scope %q: use some of %s", scope, strings.Join(scopeNames(), ", "))}
		}
	}
	return nil
}

func (p *program) keyList() *cobra.Command {
	var workspaceID string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list --workspace ID [--json]",
		Short: "List the keys of a workspace, revoked ones included",
		Args:  cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			if workspaceID == "" {
				return usageError{fmt.Errorf("--workspace is empty")}
			}
			if _, err := db.Workspace(workspaceID).Info(cmd.Context()); err != nil {
				return fmt.Errorf("workspace %s: %w", workspaceID, err)
			}
			keys, err := db.Workspace(workspaceID).Keys(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				listed := make([]keyRecord, 0, len(keys))
				for _, key := range keys {
					listed = append(listed, keyJSON(key))
				}
				return p.printJSON(listed)
			}
			return p.printKeys(keys)
		}),
	}
	cmd.Flags().StringVar(&workspaceID, "workspace", "", "id of the workspace")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	require(cmd, "workspace")
	return cmd
}

func (p *program) printKeys(keys []store.Key) error {
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tHINT\tNAME\tSTATE\tLAST USED\tSCOPES")
	for _, key := range keys {
		fmt.Fprintf(table, "%s\t%s…\t%s\t%s\t%s\t%s\n", key.ID, key.Hint, key.Name, keyState(key, p.now()),
			dateOr(key.LastUsedAt, "never"), strings.Join(key.Scopes, ","))
	}
	return table.Flush()
}

func keyState(key store.Key, now time.Time) string {
	switch {
	case key.RevokedAt != nil:
		return "revoked"
	case key.ExpiresAt != nil && !now.Before(*key.ExpiresAt):
		return "expired"
	}
	return "live"
}

func dateOr(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.UTC().Format(time.RFC3339)
}

func (p *program) keyRevoke() *cobra.Command {
	var workspaceID string
	cmd := &cobra.Command{
		Use:   "revoke --workspace ID KEY",
		Short: "Revoke a key for good, from the next request on",
		Args:  cobra.ExactArgs(1),
		RunE: p.with(func(cmd *cobra.Command, args []string, db *database) error {
			if workspaceID == "" {
				return usageError{fmt.Errorf("--workspace is empty")}
			}
			err := revokeKey(cmd.Context(), db.Workspace(workspaceID), args[0])
			if err != nil {
				return fmt.Errorf("revoke %s: %w", args[0], err)
			}
			p.printf("revoked %s\n", args[0])
			return nil
		}),
	}
	cmd.Flags().StringVar(&workspaceID, "workspace", "", "id of the workspace")
	require(cmd, "workspace")
	return cmd
}

// revokeKey ends a key and tells of it. A key that has been revoked stays as it is.
func revokeKey(ctx context.Context, workspace *store.Workspace, id string) error {
	return workspace.Tx(ctx, func(tx *store.Tx) error {
		key, err := tx.FindKey(ctx, id)
		if err != nil || key.RevokedAt != nil {
			return err
		}
		if err := tx.RevokeKey(ctx, id, madeByCLI); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{
			Actor: madeByCLI, Action: "key.revoked", TargetID: id, Detail: map[string]string{"hint": key.Hint},
		})
	})
}

// keyRecord is a key as scripts read it. Secret is set by create alone.
type keyRecord struct {
	ID          string     `json:"id"`
	WorkspaceID string     `json:"workspaceId"`
	Name        string     `json:"name"`
	Note        string     `json:"note"`
	Hint        string     `json:"hint"`
	Scopes      []string   `json:"scopes"`
	MinuteLimit int        `json:"minuteLimit"`
	DayLimit    int        `json:"dayLimit"`
	CreatedAt   time.Time  `json:"createdAt"`
	CreatedBy   string     `json:"createdBy"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	LastUsedAt  *time.Time `json:"lastUsedAt"`
	RevokedAt   *time.Time `json:"revokedAt"`
	RevokedBy   string     `json:"revokedBy"`
	Secret      string     `json:"secret,omitempty"`
}

func keyJSON(k store.Key) keyRecord {
	return keyRecord{
		ID: k.ID, WorkspaceID: k.WorkspaceID, Name: k.Name, Note: k.Note, Hint: k.Hint, Scopes: k.Scopes,
		MinuteLimit: k.MinuteLimit, DayLimit: k.DayLimit, CreatedAt: k.CreatedAt, CreatedBy: k.CreatedBy,
		ExpiresAt: k.ExpiresAt, LastUsedAt: k.LastUsedAt, RevokedAt: k.RevokedAt, RevokedBy: k.RevokedBy,
	}
}
