package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/server/jobs"
	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

func (p *program) user() *cobra.Command {
	return group("user", "Look after the people who sign in to the dashboard", p.userPassword())
}

func (p *program) userPassword() *cobra.Command {
	var email string
	var generate bool
	cmd := &cobra.Command{
		Use:   "password --email E [--generate]",
		Short: "Set a person's password for the dashboard",
		Long: `Set a person's password for the dashboard, and end all their sessions. The new
password is read from standard input, up to the end of the first line; --generate
makes one and prints it, once: only a hash of it is stored.`,
		Example: `  tbc user password --email asha@example.com --generate`,
		Args:    cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			found, err := db.Credentials(cmd.Context(), email)
			if err != nil {
				return fmt.Errorf("find %s: %w", email, err)
			}
			if generate {
				made, err := p.newPassword(cmd.Context(), db, found.UserID)
				if err != nil {
					return err
				}
				p.printf("%s\n", made)
				return nil
			}
			given, err := firstLine(cmd.InOrStdin())
			if err != nil {
				return err
			}
			if err := password.Check(given); err != nil {
				return wrongInput(err)
			}
			return p.setPassword(cmd.Context(), db, found.UserID, given)
		}),
	}
	cmd.Flags().StringVar(&email, "email", "", "e-mail of the person")
	cmd.Flags().BoolVar(&generate, "generate", false, "make a password and print it")
	require(cmd, "email")
	return cmd
}

// longestLine is more than any password has.
const longestLine = 4096

func firstLine(input io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(input, longestLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// newPassword gives a person a generated password and returns it.
func (p *program) newPassword(ctx context.Context, db *database, userID string) (string, error) {
	made, err := password.Generate(p.random)
	if err != nil {
		return "", err
	}
	return made, p.setPassword(ctx, db, userID, made)
}

func (p *program) setPassword(ctx context.Context, db *database, userID, text string) error {
	hash, err := password.New().Hash(ctx, text)
	if err != nil {
		return err
	}
	if err := db.SetPassword(ctx, userID, hash); err != nil {
		return err
	}
	return db.AuditPerson(ctx, userID, "", store.AuditEntry{Actor: madeByCLI, Action: "password.set", TargetID: userID})
}

// firstLink is where a new owner sets a password; nil if they have one.
func firstLink(ctx context.Context, db *database, email string) (*string, error) {
	owner, err := db.Credentials(ctx, email)
	if err != nil || owner.PasswordHash != "" {
		return nil, err
	}
	token, err := db.CreateReset(ctx, owner.UserID)
	if err != nil {
		return nil, fmt.Errorf("make a link for the owner: %w", err)
	}
	link := db.config.BaseURL + jobs.ResetPath + token
	return &link, nil
}
