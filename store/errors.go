package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"
)

// What the store can refuse, as nouns. Whoever speaks a protocol maps them; nothing here knows a status code.
var (
	// ErrNotFound is also the answer for a row of another workspace: the two must not be told apart.
	ErrNotFound = errors.New("not found")
	// ErrUnauthorized stands for an unknown, a revoked and an expired key alike.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrBadCursor is a cursor that was changed, or belongs to another workspace, list or filter.
	ErrBadCursor = errors.New("cursor is not valid for this list")
	// ErrIdempotencyMismatch is a key that was used for a different request within its 24 hours.
	ErrIdempotencyMismatch = errors.New("idempotency key was used for another request")
	// ErrConflict is a value that must be unique and is taken.
	ErrConflict = errors.New("already exists")
	// ErrReference is a foreign key to a row that does not exist in this workspace.
	ErrReference = errors.New("refers to a row that does not exist")
	// ErrInUse is a SQLite database that another server has open.
	ErrInUse = errors.New("the database is in use by another server")
)

// Invalid is a refusal by a rule of the domain that the contract's schema cannot state.
// Field is the JSON pointer of the request member, Issue a sentence its author can act on.
type Invalid struct {
	Field string
	Issue string
}

func (e *Invalid) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Issue) }

// SQLite's extended result codes. gorm.io/driver/sqlite translates only those of the cgo driver.
const (
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

// noun turns what a driver says into what the store says. The driver's error stays in the chain for the log.
func noun(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() {
		case sqliteUnique, sqlitePrimaryKey:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case sqliteForeignKey:
			return fmt.Errorf("%w: %w", ErrReference, err)
		}
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "23505":
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case "23503":
			return fmt.Errorf("%w: %w", ErrReference, err)
		}
	}
	return err
}
