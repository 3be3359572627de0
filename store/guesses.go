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

// The throttle of guesses: some failures are free, then each costs twice the wait of the one before, from a minute to
// an hour. Nobody is locked out for good. What lies GuessAge back is forgotten.
const (
	freeGuesses = 5
	// freeOfNetwork is more: a whole office comes from one address, and everybody there mistypes a password at times.
	// Guesses at one account are held up by the account's own count long before.
	freeOfNetwork = 20
	firstWait     = time.Minute
	longestWait   = time.Hour
	GuessAge      = 24 * time.Hour
	longestShift  = 6 // 2^6 minutes are over an hour
)

// Subject is what guesses are counted against.
type Subject struct {
	name  string
	free  int
	owner bool // whether a right guess forgets the wrong ones before it
}

// AccountSubject is the account with an e-mail address, whoever's it is: a right password forgets what was guessed.
func AccountSubject(email string) Subject {
	return Subject{name: "account:" + fold(clip(email, maxEmailBytes)), free: freeGuesses, owner: true}
}

// NetworkSubject is where guesses come from. A right password forgets nothing: from there somebody may sign in to their
// own account between guesses at others.
func NetworkSubject(network string) Subject {
	return Subject{name: "address:" + network, free: freeOfNetwork}
}

// ResetSubject is where requests for new passwords come from.
func ResetSubject(network string) Subject {
	return Subject{name: "reset address:" + network, free: freeGuesses}
}

// invitationSubject is an address that a workspace invites.
func invitationSubject(workspaceID, email string) Subject {
	return Subject{name: "invitation:" + workspaceID + ":" + fold(email), free: freeGuesses}
}

// waitAfter is how long to wait after so many failures, counted from the last, where some are free.
func waitAfter(failures, free int) time.Duration {
	if failures < free {
		return 0
	}
	return min(longestWait, firstWait<<min(longestShift, failures-free))
}

// hash stands for the subject, so that no table holds what strangers typed.
func (s Subject) hash() string {
	sum := sha256.Sum256([]byte(s.name))
	return hex.EncodeToString(sum[:])
}

// Guess is one that counts as wrong until it is judged, by one of WrongGuess, RightGuess and ReturnGuess.
type Guess struct {
	Wait  time.Duration // over 0: it was not allowed, and did not count
	at    int64
	taken []takenGuess
}

// takenGuess is the part of a guess that counts against one subject.
type takenGuess struct {
	Subject
	failures, failedAt int64 // before this guess
}

// TakeGuess counts a guess at once, unless one has to wait for any of the subjects, in one step: of many guesses at the
// same time no more pass than the throttle allows.
func (s *Store) TakeGuess(ctx context.Context, subjects ...Subject) (guess Guess, err error) {
	err = s.inTx(ctx, func(db connection) error {
		guess, err = s.takeGuess(ctx, db, subjects)
		return err
	})
	return guess, wrap("take a guess", err)
}

func (s *Store) takeGuess(ctx context.Context, db connection, subjects []Subject) (Guess, error) {
	guess := Guess{taken: make([]takenGuess, len(subjects))}
	for i, subject := range subjects {
		guess.taken[i].Subject = subject
	}
	// In one order for all, so that no two wait for each other.
	slices.SortFunc(guess.taken, func(a, b takenGuess) int { return strings.Compare(a.hash(), b.hash()) })
	if err := s.lockGuesses(ctx, db, guess); err != nil {
		return Guess{}, err
	}
	for i := range guess.taken {
		g := &guess.taken[i]
		found, err := readAll(ctx, db, sqlQuery{
			text: s.sql(`SELECT failures, failed_at, {now} FROM guesses WHERE subject = $1`), args: []any{g.hash()},
		}, func(row *sql.Rows, n *[3]int64) error { return row.Scan(&n[0], &n[1], &n[2]) })
		if err != nil {
			return Guess{}, err
		}
		if since := sinceFailure(found); len(found) > 0 && since < GuessAge {
			g.failures, g.failedAt = found[0][0], found[0][1]
			guess.Wait = max(guess.Wait, waitAfter(int(g.failures), g.free)-since)
		}
	}
	if guess.Wait > 0 {
		return guess, nil
	}
	for _, g := range guess.taken {
		at, err := only(readAll(ctx, db, sqlQuery{
			text: s.sql(`INSERT INTO guesses (subject, failures, failed_at) VALUES ($1, $2, {now})
				ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at
				RETURNING failed_at`), args: []any{g.hash(), g.failures + 1},
		}, func(row *sql.Rows, at *int64) error { return row.Scan(at) }))
		if err != nil {
			return Guess{}, err
		}
		guess.at = at
	}
	return guess, nil
}

// sinceFailure is how long ago the last failure was, of a row with its time and the present.
func sinceFailure(found [][3]int64) time.Duration {
	if len(found) == 0 {
		return 0
	}
	return time.Duration(found[0][2]-found[0][1]) * time.Microsecond
}

// lockGuesses holds the subjects until the transaction ends, also those that have no row yet. SQLite has one writer.
func (s *Store) lockGuesses(ctx context.Context, db connection, guess Guess) error {
	if s.dialect == SQLite {
		return nil
	}
	for _, g := range guess.taken {
		if _, err := db.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 7310586522))`, g.hash()); err != nil {
			return noun(err)
		}
	}
	return nil
}

// WrongGuess tells of a guess that was wrong, in the log of every workspace of the person it was at; an empty userID is
// nobody. The wait begins now. Both happen in one transaction that always writes, so that a guess at nobody's account
// takes as long as one at somebody's.
func (s *Store) WrongGuess(ctx context.Context, userID string, guess Guess, e AuditEntry) error {
	now, err := s.Clock(ctx)
	if err != nil {
		return err
	}
	err = s.judge(ctx, guess, func(db connection, g takenGuess) error {
		_, err := db.ExecContext(ctx, `UPDATE guesses SET failed_at = $2 WHERE subject = $1`, g.hash(), micros(now))
		return noun(err)
	}, func(db connection) error {
		return s.auditPerson(ctx, db, personLine{AuditEntry: e, userID: userID, at: now})
	})
	return wrap("count a wrong guess", err)
}

// RightGuess forgets the failures of the account and takes the guess back from where it came: there is neither a failure
// more nor a wait that begins anew.
func (s *Store) RightGuess(ctx context.Context, guess Guess) error {
	err := s.judge(ctx, guess, func(db connection, g takenGuess) error {
		if g.owner {
			_, err := db.ExecContext(ctx, `DELETE FROM guesses WHERE subject = $1`, g.hash())
			return noun(err)
		}
		return returnGuess(ctx, db, guess.at, g)
	})
	return wrap("count a right guess", err)
}

// ReturnGuess takes back a guess that could not be judged.
func (s *Store) ReturnGuess(ctx context.Context, guess Guess) error {
	err := s.judge(ctx, guess, func(db connection, g takenGuess) error { return returnGuess(ctx, db, guess.at, g) })
	return wrap("return a guess", err)
}

// judge does something to each part of a guess, and then the rest, in one transaction.
func (s *Store) judge(ctx context.Context, guess Guess, part func(connection, takenGuess) error, rest ...func(connection) error) error {
	return s.inTx(ctx, func(db connection) error {
		if err := s.lockGuesses(ctx, db, guess); err != nil {
			return err
		}
		for _, g := range guess.taken {
			if err := part(db, g); err != nil {
				return err
			}
		}
		for _, do := range rest {
			if err := do(db); err != nil {
				return err
			}
		}
		return nil
	})
}

// returnGuess leaves the subject as it was before the guess. Where another was taken or judged meanwhile, its time stays.
func returnGuess(ctx context.Context, db connection, at int64, g takenGuess) error {
	_, err := db.ExecContext(ctx, `UPDATE guesses SET failures = failures - 1,
		failed_at = CASE WHEN failed_at = $2 THEN $3 ELSE failed_at END WHERE subject = $1`, g.hash(), at, g.failedAt)
	if err != nil {
		return noun(err)
	}
	_, err = db.ExecContext(ctx, `DELETE FROM guesses WHERE subject = $1 AND failures <= 0`, g.hash())
	return noun(err)
}

// forgetGuesses lets an account be tried again at once: its person has shown otherwise who they are.
func forgetGuesses(ctx context.Context, db connection, email string) error {
	_, err := db.ExecContext(ctx, `DELETE FROM guesses WHERE subject = $1`, AccountSubject(email).hash())
	return noun(err)
}

// RemoveOldGuesses deletes at most batch rows that hold nobody up any more, and returns how many it was.
func (s *Store) RemoveOldGuesses(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "guesses", `DELETE FROM guesses WHERE subject IN (
		SELECT subject FROM guesses WHERE failed_at <= {now} - $1 LIMIT $2)`, GuessAge.Microseconds(), batch)
}
