package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// One program runs on both schemas, so they must say the same: tables, columns, nullability, kinds of values, keys,
// indexes, foreign keys and the number of checks.
func TestMigrations_BothDialectsMakeTheSameSchema(t *testing.T) {
	t.Parallel()
	lite, pg := storetest.SQLite(t), storetest.Postgres(t)
	usage, err := sql.Open("sqlite", strings.TrimSuffix(filePath(lite), ".db")+"-usage.db")
	if err != nil {
		t.Fatal(err)
	}
	defer usage.Close()
	inLite := append(facts(t, openRaw(t, lite), sqliteSchema), facts(t, usage, sqliteSchema)...)
	inPostgres := facts(t, openRaw(t, pg), postgresSchema)
	if len(inLite) < 50 {
		t.Fatalf("only %d facts were found", len(inLite))
	}
	for _, fact := range inLite {
		if !slices.Contains(inPostgres, fact) {
			t.Errorf("only in SQLite: %s", fact)
		}
	}
	for _, fact := range inPostgres {
		if !slices.Contains(inLite, fact) {
			t.Errorf("only in PostgreSQL: %s", fact)
		}
	}
}

// facts runs queries that describe a schema, one line of text a row.
func facts(t *testing.T, db *sql.DB, queries []string) (all []string) {
	t.Helper()
	for _, query := range queries {
		found, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for found.Next() {
			var fact string
			if err := found.Scan(&fact); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(fact, "schema_migrations") {
				all = append(all, fact)
			}
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		_ = found.Close()
	}
	return all
}

var sqliteSchema = []string{
	`SELECT 'column ' || t.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'integer' WHEN 'TEXT' THEN 'text'
			WHEN 'BLOB' THEN 'bytes' WHEN 'REAL' THEN 'real' ELSE c.type END || CASE WHEN c."notnull" THEN '' ELSE ' null' END
		FROM pragma_table_list t, pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
	`SELECT 'primary key ' || name || ' (' || group_concat(col, ', ') || ')' FROM (SELECT t.name, c.name AS col
			FROM pragma_table_list t, pragma_table_info(t.name) c
			WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.pk > 0 ORDER BY t.name, c.pk) GROUP BY name`,
	`SELECT CASE WHEN uniq THEN 'unique ' ELSE 'index ' END || name || ' (' || group_concat(col, ', ') || ')'
			|| CASE WHEN partial THEN ' partial' ELSE '' END
		FROM (SELECT t.name, i.name AS idx, i."unique" AS uniq, i.partial,
				c.name || CASE WHEN c."desc" THEN ' desc' ELSE '' END AS col
			FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
			WHERE t.type = 'table' AND i.origin <> 'pk' AND c.key ORDER BY i.name, c.seqno) GROUP BY idx`,
	`SELECT 'foreign key ' || name || ' (' || group_concat(f, ', ') || ') ' || target || ' (' || group_concat(p, ', ') || ')'
		FROM (SELECT t.name, k.id, k."table" AS target, k."from" AS f, k."to" AS p
			FROM pragma_table_list t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table' ORDER BY t.name, k.id, k.seq)
		GROUP BY name, id, target`,
	`SELECT 'checks ' || name || ' ' || ((length(sql) - length(replace(sql, 'CHECK (', ''))) / 7)
		FROM sqlite_master WHERE type = 'table' AND sql LIKE '%CHECK (%'`,
}

var postgresSchema = []string{
	`SELECT 'column ' || table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bigint' THEN 'integer'
			WHEN 'boolean' THEN 'integer' WHEN 'bytea' THEN 'bytes' WHEN 'double precision' THEN 'real' ELSE data_type END
			|| CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END
		FROM information_schema.columns WHERE table_schema = 'public'`,
	`SELECT 'primary key ' || c.relname || ' (' || string_agg(a.attname, ', ' ORDER BY k.place) || ')'
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid, unnest(i.indkey) WITH ORDINALITY k(num, place), pg_attribute a
		WHERE a.attrelid = c.oid AND a.attnum = k.num AND i.indisprimary AND c.relnamespace = 'public'::regnamespace
		GROUP BY c.relname`,
	`SELECT CASE WHEN i.indisunique THEN 'unique ' ELSE 'index ' END || c.relname || ' (' || string_agg(a.attname ||
			CASE WHEN i.indoption[k.place - 1] & 1 = 1 THEN ' desc' ELSE '' END, ', ' ORDER BY k.place) || ')'
			|| CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid, unnest(i.indkey) WITH ORDINALITY k(num, place), pg_attribute a
		WHERE a.attrelid = c.oid AND a.attnum = k.num AND NOT i.indisprimary AND c.relnamespace = 'public'::regnamespace
		GROUP BY i.indexrelid, c.relname, i.indisunique, i.indpred IS NULL`,
	`SELECT 'foreign key ' || c.relname || ' (' || string_agg(a.attname, ', ' ORDER BY k.place) || ') ' || p.relname || ' ('
			|| string_agg(b.attname, ', ' ORDER BY k.place) || ')'
		FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid,
			unnest(f.conkey, f.confkey) WITH ORDINALITY k(num, ref, place), pg_attribute a, pg_attribute b
		WHERE f.contype = 'f' AND a.attrelid = c.oid AND a.attnum = k.num AND b.attrelid = p.oid AND b.attnum = k.ref
		GROUP BY f.oid, c.relname, p.relname`,
	`SELECT 'checks ' || c.relname || ' ' || count(*) FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
		WHERE f.contype = 'c' AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname`,
}

// Replicas start together: one migrates, the others wait and find nothing left to do.
func TestMigrate_SeveralProcessesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, db *storetest.DB) {
		pending, err := db.PendingMigrations(t.Context())
		if err != nil || len(pending) == 0 {
			t.Fatalf("pending %v, %v", pending, err)
		}
		var mu sync.Mutex
		var applied []string
		var starts sync.WaitGroup
		for range 4 {
			replica := db.Open(t)
			starts.Go(func() {
				names, err := replica.Migrate(t.Context())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				applied = append(applied, names...)
			})
		}
		starts.Wait()
		slices.Sort(applied)
		slices.Sort(pending)
		if !slices.Equal(applied, pending) {
			t.Errorf("applied %v, pending before %v", applied, pending)
		}
		if left, err := db.PendingMigrations(t.Context()); err != nil || len(left) != 0 {
			t.Errorf("left %v, %v", left, err)
		}
	})
}

// An old file that was edited, and a database from a later version, stop the program instead of harming data.
func TestMigrate_RefusesAHistoryThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		for fault, text := range map[string]string{
			"a database from a later version": `INSERT INTO schema_migrations VALUES ('9999_future', 'sum', 1)`,
			"an edited file":                  `UPDATE schema_migrations SET checksum = 'other' WHERE name = '0001_core'`,
		} {
			if _, err := openRaw(t, db).ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Migrate(t.Context()); err == nil {
				t.Errorf("%s: Migrate went on", fault)
			}
			if _, err := db.PendingMigrations(t.Context()); err == nil {
				t.Errorf("%s: PendingMigrations went on", fault)
			}
			if _, err := openRaw(t, db).ExecContext(t.Context(), `DELETE FROM schema_migrations WHERE checksum IN ('sum', 'other')`); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Both dialects number their migrations alike.
func TestMigrations_HaveTheSameNames(t *testing.T) {
	t.Parallel()
	names := map[string][]string{}
	for _, dir := range []string{store.SQLite, store.PostgreSQL} {
		files, err := filepath.Glob(filepath.Join("migrations", dir, "*.sql"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || info.Size() == 0 {
				t.Errorf("%s is empty: %v", file, err)
			}
			names[dir] = append(names[dir], filepath.Base(file))
		}
	}
	if !slices.Equal(names[store.SQLite], names[store.PostgreSQL]) {
		t.Errorf("%v", names)
	}
}
