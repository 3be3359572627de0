package store_test

import (
	"sync/atomic"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// BenchmarkAdmit is what every request pays first: key, both windows, version. "one key" is the worst case, in which
// all calls wait for one row.
func BenchmarkAdmit(b *testing.B) {
	for _, dialect := range []string{store.SQLite, store.PostgreSQL} {
		for _, keys := range []int{1, 100} {
			name := dialect + "/one key"
			if keys > 1 {
				name = dialect + "/100 keys"
			}
			b.Run(name, func(b *testing.B) { benchmarkAdmit(b, fresh(b, dialect), keys) })
		}
	}
}

func fresh(b *testing.B, dialect string) *storetest.DB {
	b.Helper()
	if dialect == store.SQLite {
		return storetest.SQLite(b)
	}
	return storetest.Postgres(b)
}

func benchmarkAdmit(b *testing.B, db *storetest.DB, keys int) {
	workspace := db.NewWorkspace(b)
	hashes := make([][32]byte, keys)
	for i := range hashes {
		_, secret := db.NewKey(b, workspace, store.NewKey{MinuteLimit: 1 << 40, DayLimit: 1 << 40})
		hashes[i] = storetest.Hash(b, secret)
		admitOne(b, db.Store, hashes[i]) // the first call of a key makes its counter row
	}
	var next atomic.Int64
	b.SetParallelism(16) // 32 callers on two processors, as many as a busy server has connections
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answer, err := db.Admit(b.Context(), hashes[int(next.Add(1))%keys])
			if err != nil || !answer.Admitted {
				b.Errorf("%+v, %v", answer, err)
				return
			}
		}
	})
}

// BenchmarkTx is the fixed price of a write: the workspace's lock, one row, a durable commit.
func BenchmarkTx(b *testing.B) {
	for _, dialect := range []string{store.SQLite, store.PostgreSQL} {
		b.Run(dialect, func(b *testing.B) {
			db := fresh(b, dialect)
			workspace := db.NewWorkspace(b)
			for b.Loop() {
				storetest.Tx(b, workspace, func(tx *store.Tx) error {
					_, err := tx.Exec(b.Context(), `UPDATE workspaces SET name = 'again' WHERE id = $1`)
					return err
				})
			}
		})
	}
}

// BenchmarkParseToken is paid by every request, and all that a malformed token costs.
func BenchmarkParseToken(b *testing.B) {
	db := storetest.SQLite(b)
	_, secret := db.NewKey(b, db.NewWorkspace(b), store.NewKey{})
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := store.ParseToken(secret); !ok {
			b.Fatal("not a token")
		}
	}
}
