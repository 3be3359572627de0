package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// The throttle of guesses: five failures are free, then each costs twice the wait of the one before, from a minute to
// an hour. Nobody is locked out for good. What lies GuessAge back is forgotten.
const (
	freeGuesses  = 5
	firstWait    = time.Minute
	longestWait  = time.Hour
	GuessAge     = 24 * time.Hour
	longestShift = 6 // 2^6 minutes are over an hour
)

// waitAfter is how long to wait after so many failures, counted from the last.
func waitAfter(failures int) time.Duration {
	if failures < freeGuesses {
		return 0
	}
	return min(longestWait, firstWait<<min(longestShift, failures-freeGuesses))
}

// guess is what is known of one subject, under its hash.
type guess struct {
	Subject string `json:"s"`
}

// guessesOf are hashed, so that no table holds what strangers typed, and in order, so that no two wait for each other.
func guessesOf(subjects []string) []guess {
	list := make([]guess, 0, len(subjects))
	for _, subject := range subjects {
		sum := sha256.Sum256([]byte(subject))
		list = append(list, guess{hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(list, func(a, b guess) int { return strings.Compare(a.Subject, b.Subject) })
	return slices.Compact(list)
}

// GuessWait is how long to wait until another guess is allowed, for all of the subjects, which are names such as an
// account and an address; 0 is now.
func (s *Store) GuessWait(ctx context.Context, subjects ...string) (time.Duration, error) {
	wait, err := s.guessWait(ctx, s.reader.Statement.ConnPool, guessesOf(subjects))
	return wait, wrap("read how often was guessed", err)
}

func (s *Store) guessWait(ctx context.Context, db querier, of []guess) (wait time.Duration, err error) {
	list, err := jsonRows(of)
	if err != nil {
		return 0, err
	}
	found, err := readAll(ctx, db, sqlQuery{
		text: s.sql(`SELECT g.failures, {now} - g.failed_at FROM guesses g
			WHERE g.subject IN (SELECT r.value->>'s' FROM {rows $1}) `), args: []any{list},
	}, func(row *sql.Rows, wait *time.Duration) error {
		var failures, ago int64
		if err := row.Scan(&failures, &ago); err != nil {
			return err
		}
		if since := time.Duration(ago) * time.Microsecond; since < GuessAge {
			*wait = waitAfter(int(failures)) - since
		}
		return nil
	})
	return max(0, slices.Max(append(found, 0))), err
}

// CountGuess counts a failure against each of the subjects. A success forgets theirs: give it the account alone, since
// from an address somebody may sign in to their own account between guesses at others.
func (s *Store) CountGuess(ctx context.Context, failed bool, subjects ...string) error {
	err := s.inTx(ctx, func(db connection) error {
		if failed {
			return s.countFailures(ctx, db, guessesOf(subjects))
		}
		list, err := jsonRows(guessesOf(subjects))
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, s.sql(`DELETE FROM guesses WHERE subject IN (SELECT r.value->>'s' FROM {rows $1})`), list)
		return noun(err)
	})
	return wrap("count a guess", err)
}

func (s *Store) countFailures(ctx context.Context, db connection, of []guess) error {
	list, err := jsonRows(of)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, s.sql(`INSERT INTO guesses (subject, failures, failed_at)
		SELECT r.value->>'s', 1, {now} FROM {rows $1} WHERE true
		ON CONFLICT (subject) DO UPDATE SET failed_at = excluded.failed_at,
			failures = CASE WHEN guesses.failed_at <= excluded.failed_at - $2 THEN 1 ELSE guesses.failures + 1 END`),
		list, GuessAge.Microseconds())
	return noun(err)
}

// TakeGuess is GuessWait and, where nothing is to be waited for, a failure counted at once, in one step: of many guesses
// at the same time no more pass than the throttle allows. Whoever guessed right gives it back with RightGuess.
func (s *Store) TakeGuess(ctx context.Context, subjects ...string) (wait time.Duration, err error) {
	of := guessesOf(subjects)
	err = s.inTx(ctx, func(db connection) error {
		if err := s.lockGuesses(ctx, db, of); err != nil {
			return err
		}
		if wait, err = s.guessWait(ctx, db, of); err != nil || wait > 0 {
			return err
		}
		return s.countFailures(ctx, db, of)
	})
	return wait, wrap("take a guess", err)
}

// lockGuesses holds the subjects until the transaction ends, also those that have no row yet. SQLite has one writer.
func (s *Store) lockGuesses(ctx context.Context, db connection, of []guess) error {
	if s.dialect == SQLite {
		return nil
	}
	for _, g := range of { // in the order of guessesOf
		if _, err := db.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 7310586522))`, g.Subject); err != nil {
			return noun(err)
		}
	}
	return nil
}

// WrongGuess tells of a guess that was taken and was wrong, in the log of every workspace of the person it was at; an
// empty userID is nobody. The account's wait begins now. Both happen in one transaction that always writes, so that a
// guess at nobody's account takes as long as one at somebody's.
func (s *Store) WrongGuess(ctx context.Context, userID, account string, e AuditEntry) error {
	now, err := s.Clock(ctx)
	if err != nil {
		return err
	}
	err = s.inTx(ctx, func(db connection) error {
		_, err := db.ExecContext(ctx, `UPDATE guesses SET failed_at = $2 WHERE subject = $1`,
			guessesOf([]string{account})[0].Subject, micros(now))
		if err != nil {
			return noun(err)
		}
		return s.auditPerson(ctx, db, personLine{AuditEntry: e, userID: userID, at: now})
	})
	return wrap("count a wrong guess", err)
}

// RightGuess forgets the failures of the account and takes back the one that TakeGuess counted for the address.
func (s *Store) RightGuess(ctx context.Context, account, address string) error {
	err := s.inTx(ctx, func(db connection) error {
		forgotten, returned := guessesOf([]string{account}), guessesOf([]string{address})
		if _, err := db.ExecContext(ctx, `DELETE FROM guesses WHERE subject = $1`, forgotten[0].Subject); err != nil {
			return noun(err)
		}
		_, err := db.ExecContext(ctx, `UPDATE guesses SET failures = failures - 1 WHERE subject = $1 AND failures > 0`,
			returned[0].Subject)
		return noun(err)
	})
	return wrap("count a right guess", err)
}

// RemoveOldGuesses deletes at most batch rows that hold nobody up any more, and returns how many it was.
func (s *Store) RemoveOldGuesses(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "guesses", `DELETE FROM guesses WHERE subject IN (
		SELECT subject FROM guesses WHERE failed_at <= {now} - $1 LIMIT $2)`, GuessAge.Microseconds(), batch)
}
