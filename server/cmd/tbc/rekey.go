package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/store"
)

func (p *program) rekey() *cobra.Command {
	return &cobra.Command{
		Use:   "rekey",
		Short: "Re-encrypt stored secrets under the current master key",
		Long: `Re-encrypt what the database keeps encrypted, the signing secrets of webhooks,
kept answers to calls with an Idempotency-Key and what the dashboard is about to show
once, under the first key of TBC_MASTER_KEY.
To change the master key:

  1. Make one: openssl rand -base64 32
  2. Where several servers share the database, put it last in TBC_MASTER_KEY and
     restart them, so that all of them can read what the first will write.
  3. Put it first, before the old one: TBC_MASTER_KEY=2026:NEW,OLD. The old one stays
     as it is, with its id if it has one. Restart the servers.
  4. Run tbc rekey with the same TBC_MASTER_KEY. Servers go on working. It may be
     interrupted and run again. Progress goes to standard error.
  5. When it has ended with 0, take the old key away, and restart the servers.

What ends with the old key are cursors of lists from before step 3: whoever follows
one gets a 422 and starts that list again.

It ends with 1 if something cannot be opened with any of the keys, after all else
has been re-encrypted, and if a running server still encrypts under another key.`,
		Args: cobra.NoArgs,
		RunE: p.with(func(cmd *cobra.Command, _ []string, db *database) error {
			done, err := db.Rekey(cmd.Context(), func(so store.Rekeyed) {
				fmt.Fprintf(p.stderr, "re-encrypted %d of %d\n", so.Done, so.Total)
			})
			if errors.Is(err, store.ErrStillSealing) {
				return errors.New("a running server encrypts under another key: give all of them the same first key, and run this again")
			}
			if err != nil {
				return err
			}
			if done.Unopened > 0 {
				return fmt.Errorf("re-encrypted %d values, but %s", done.Done, unopened(done))
			}
			p.printf("re-encrypted %d values; everything is under the first master key now, and the others can be removed\n", done.Done)
			return nil
		}),
	}
}

// unopened says what is lost unless its key is found, and what to do about it.
func unopened(done store.Rekeyed) string {
	text := fmt.Sprintf("%d cannot be opened with any key of TBC_MASTER_KEY: add the key that is missing", done.Unopened)
	if len(done.Endpoints) > 0 {
		text += ", or rotate the secrets of the webhook endpoints " + strings.Join(done.Endpoints, ", ")
	}
	return text
}
