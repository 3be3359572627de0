-- Workspaces, their people, API keys and their counters, kept answers.
-- Times are bigint microseconds since 1970 in UTC. Ids compare by byte (COLLATE "C"), as they do in SQLite.

-- The only clock of the database. It is a function of its own so that tests can put another in its place.
CREATE FUNCTION tbc_now() RETURNS bigint LANGUAGE sql VOLATILE
    AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

-- changed_at is the time of the workspace's last transaction and its version; every Tx locks this row first.
CREATE TABLE workspaces (
    id         text COLLATE "C" NOT NULL,
    name       text   NOT NULL,
    time_zone  text   NOT NULL,
    currency   text   NOT NULL,
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    PRIMARY KEY (id)
) WITH (fillfactor = 50);

-- A person may belong to several workspaces. email_folded is folded in Go: the databases fold differently.
CREATE TABLE users (
    id           text COLLATE "C" NOT NULL,
    email        text   NOT NULL,
    email_folded text   NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (email_folded)
);

CREATE TABLE workspace_members (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    user_id      text COLLATE "C" NOT NULL REFERENCES users (id),
    role         text   NOT NULL,
    created_at   bigint NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);

-- token_hash is SHA-256 of the whole token; the token itself is nowhere.
CREATE TABLE api_keys (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           text COLLATE "C" NOT NULL,
    token_hash   bytea   NOT NULL,
    hint         text    NOT NULL,
    name         text    NOT NULL,
    note         text    NOT NULL,
    scopes       text    NOT NULL, -- separated by spaces
    minute_limit bigint  NOT NULL,
    day_limit    bigint  NOT NULL,
    created_at   bigint  NOT NULL,
    created_by   text    NOT NULL,
    expires_at   bigint,
    revoked_at   bigint,
    revoked_by   text    NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (token_hash)
);

-- One narrow row for each key that was ever used, updated in place on every call: half of each page stays free,
-- so that the updates touch no index. No foreign key: its check would lock the key's row on every call.
-- minute and day are window numbers: the time divided by 60 s and by 86,400 s.
CREATE TABLE api_key_usage (
    key_id       text COLLATE "C" NOT NULL,
    minute       bigint NOT NULL,
    minute_count bigint NOT NULL,
    day          bigint NOT NULL,
    day_count    bigint NOT NULL,
    last_used_at bigint NOT NULL,
    PRIMARY KEY (key_id)
) WITH (fillfactor = 50);

-- Answers to requests with an Idempotency-Key. sealed is encrypted: some answers hold secrets.
CREATE TABLE idempotency_answers (
    workspace_id text COLLATE "C" NOT NULL,
    key_id       text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    fingerprint  bytea  NOT NULL,
    sealed       bytea  NOT NULL,
    created_at   bigint NOT NULL,
    PRIMARY KEY (workspace_id, key_id, key),
    FOREIGN KEY (workspace_id, key_id) REFERENCES api_keys (workspace_id, id)
);
-- Serves the removal of old answers in small batches.
CREATE INDEX idempotency_answers_created_at ON idempotency_answers (created_at);
