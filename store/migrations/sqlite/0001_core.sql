-- Workspaces, their people, API keys, kept answers. The counters of keys are in a file of their own (usage/).
-- Times are integer microseconds since 1970 in UTC. STRICT tables refuse a value of another type.

-- changed_at is the time of the workspace's last transaction and its version; every Tx writes this row first.
CREATE TABLE workspaces (
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    time_zone  TEXT    NOT NULL,
    currency   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A person may belong to several workspaces. email_folded is folded in Go: the databases fold differently.
CREATE TABLE users (
    id           TEXT    NOT NULL,
    email        TEXT    NOT NULL,
    email_folded TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (email_folded)
) STRICT, WITHOUT ROWID;

CREATE TABLE workspace_members (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    user_id      TEXT    NOT NULL REFERENCES users (id),
    role         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
) STRICT, WITHOUT ROWID;

-- token_hash is SHA-256 of the whole token; the token itself is nowhere.
CREATE TABLE api_keys (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL,
    token_hash   BLOB    NOT NULL,
    hint         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    note         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL, -- separated by spaces
    minute_limit INTEGER NOT NULL,
    day_limit    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    revoked_by   TEXT    NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (token_hash)
) STRICT, WITHOUT ROWID;

-- Answers to requests with an Idempotency-Key. sealed is encrypted: some answers hold secrets.
CREATE TABLE idempotency_answers (
    workspace_id TEXT    NOT NULL,
    key_id       TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    fingerprint  BLOB    NOT NULL,
    sealed       BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, key_id, key),
    FOREIGN KEY (workspace_id, key_id) REFERENCES api_keys (workspace_id, id)
) STRICT;
-- Serves the removal of old answers in small batches.
CREATE INDEX idempotency_answers_created_at ON idempotency_answers (created_at);
