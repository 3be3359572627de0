package browsertest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// wantNowhere checks that a secret is in none of the server's logs, and nowhere in its database: not in a row of the
// audit log, not in one that was deleted, not in a file beside it.
func (s *school) wantNowhere(secret string) {
	s.Helper()
	if strings.Contains(s.server.Log(), secret) {
		s.Error("the secret is in the log")
	}
	if path, ok := strings.CutPrefix(s.db.URL, "sqlite:"); ok {
		s.wantInNoFile(filepath.Dir(path), secret)
	} else {
		s.wantInNoRow(secret)
	}
}

func (s *school) wantInNoFile(folder, secret string) {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		s.Fatalf("the database has no files: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			s.Fatal(err)
		}
		if bytes.Contains(content, []byte(secret)) {
			s.Errorf("the secret is in %s", filepath.Base(file))
		}
	}
}

func (s *school) wantInNoRow(secret string) {
	s.Helper()
	db, err := pgx.Connect(s.Context(), s.db.URL)
	if err != nil {
		s.Fatal(err)
	}
	defer db.Close(s.Context())
	rows, err := db.Query(s.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
	if err != nil {
		s.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 20 {
		s.Fatalf("found the tables %q, %v", tables, err)
	}
	for _, table := range tables {
		var found bool
		// Bytes are hexadecimal in a row's text.
		holds := fmt.Sprintf(`SELECT EXISTS (SELECT FROM %s AS held WHERE strpos(held::text, $1) > 0 OR strpos(held::text, $2) > 0)`, pgx.Identifier{table}.Sanitize())
		if err := db.QueryRow(s.Context(), holds, secret, hex.EncodeToString([]byte(secret))).Scan(&found); err != nil {
			s.Fatal(err)
		}
		if found {
			s.Errorf("the secret is in a row of %s", table)
		}
	}
}
