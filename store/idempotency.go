package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// AnswerAge is how long an answer is kept, from the commit of its effect.
const AnswerAge = 24 * time.Hour

const answersTable = "idempotency_answers"

// IdempotencyKey is an Idempotency-Key of one API key. Fingerprint is a hash of all that makes a request another
// one: method, path, query and body.
type IdempotencyKey struct {
	KeyID       string
	Key         string
	Fingerprint [32]byte
}

// Answer is what a request was answered with, to be replayed for its twins.
type Answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body"`
}

// ClaimAnswer returns nil if the key is free: it is the caller's until the Tx ends. No row is needed for that,
// because the Tx holds the workspace: a concurrent twin waits for it, and so does this claim for the twin before it.
// It returns the kept answer if this request was answered within AnswerAge, ErrIdempotencyMismatch if another was.
func (tx *Tx) ClaimAnswer(ctx context.Context, key IdempotencyKey) (*Answer, error) {
	kept, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT fingerprint, sealed FROM idempotency_answers
			WHERE workspace_id = $1 AND key_id = $2 AND key = $3 AND created_at > $4`,
		args: []any{key.KeyID, key.Key, micros(tx.now.Add(-AnswerAge))},
	}, func(row *sql.Rows, kept *keptAnswer) error { return row.Scan(&kept.fingerprint, &kept.sealed) })
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("claim an answer: %w", err)
	}
	if !bytes.Equal(kept.fingerprint, key.Fingerprint[:]) {
		return nil, ErrIdempotencyMismatch
	}
	return tx.openAnswer(key, kept.sealed)
}

type keptAnswer struct {
	fingerprint []byte
	sealed      []byte
}

func (tx *Tx) openAnswer(key IdempotencyKey, sealed []byte) (*Answer, error) {
	plain, err := tx.store.keyring.Open(tx.answerPlace(key), sealed)
	if err != nil {
		return nil, fmt.Errorf("open a kept answer: %w", err)
	}
	answer := &Answer{}
	if err := json.Unmarshal(plain, answer); err != nil {
		return nil, fmt.Errorf("read a kept answer: %w", err)
	}
	return answer, nil
}

// answerPlace binds a sealed answer to its row. Ids have a fixed alphabet without slashes; the free key is last.
func (tx *Tx) answerPlace(key IdempotencyKey) string {
	return place(answersTable, tx.WorkspaceID(), key.KeyID, key.Key)
}

// KeepAnswer stores the answer in the transaction of its effect: both are committed, or neither.
func (tx *Tx) KeepAnswer(ctx context.Context, key IdempotencyKey, answer Answer) error {
	plain, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO idempotency_answers
			(workspace_id, key_id, key, fingerprint, sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (workspace_id, key_id, key) DO UPDATE SET
			fingerprint = excluded.fingerprint, sealed = excluded.sealed, created_at = excluded.created_at`,
		key.KeyID, key.Key, key.Fingerprint[:], tx.store.keyring.Seal(tx.answerPlace(key), plain), micros(tx.now))
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}

// forgetAnswers deletes the kept answers of the workspace whose bodies are to go, and those that cannot be opened. They
// are sealed, so it opens each of the last AnswerAge, in pages so that it needs little memory.
func (tx *Tx) forgetAnswers(ctx context.Context, gone func(body []byte) bool) error {
	const page = 200
	type sealedAnswer struct {
		key    IdempotencyKey
		sealed []byte
	}
	var last IdempotencyKey
	for {
		list, err := scanAll(ctx, tx.scope, sqlQuery{
			text: `SELECT key_id, key, sealed FROM idempotency_answers WHERE workspace_id = $1 AND (key_id, key) > ($2, $3)
				ORDER BY key_id, key LIMIT $4`,
			args: []any{last.KeyID, last.Key, page}, capacity: page,
		}, func(row *sql.Rows, a *sealedAnswer) error { return row.Scan(&a.key.KeyID, &a.key.Key, &a.sealed) })
		if err != nil {
			return wrap("read kept answers", err)
		}
		for _, kept := range list {
			last = kept.key
			answer, err := tx.openAnswer(kept.key, kept.sealed)
			if err == nil && !gone(answer.Body) {
				continue
			}
			_, err = tx.scope.exec(ctx, `DELETE FROM idempotency_answers WHERE workspace_id = $1 AND key_id = $2 AND key = $3`,
				kept.key.KeyID, kept.key.Key)
			if err != nil {
				return wrap("forget a kept answer", err)
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

// RemoveOldAnswers deletes at most batch answers that nobody may replay any more, and returns how many. Call it
// again while it returns batch; a small batch holds locks for a short time. It needs no Tx: no reader sees these rows.
func (s *Store) RemoveOldAnswers(ctx context.Context, batch int) (int64, error) {
	now, err := s.Clock(ctx)
	if err != nil {
		return 0, err
	}
	result, err := s.writer.Statement.ConnPool.ExecContext(ctx, `DELETE FROM idempotency_answers
		WHERE (workspace_id, key_id, key) IN (
			SELECT workspace_id, key_id, key FROM idempotency_answers
			WHERE created_at <= $1 ORDER BY created_at LIMIT $2) AND created_at <= $1`,
		micros(now.Add(-AnswerAge)), batch)
	if err != nil {
		return 0, fmt.Errorf("remove old answers: %w", err)
	}
	return result.RowsAffected()
}
