-- People sign in to the dashboard: passwords, sessions, throttled guesses, invitations, resets, forms that take effect
-- once, and an audit log that says from where.

-- An argon2id hash in PHC form; empty until the person has set a password.
ALTER TABLE users ADD COLUMN password_hash text NOT NULL DEFAULT '';
CREATE INDEX workspace_members_user ON workspace_members (user_id);

-- token_hash is SHA-256 of what the browser holds; the token itself is nowhere. A session counts only while its person
-- is a member of its workspace: no foreign key says so, since whoever is removed may hold some.
CREATE TABLE sessions (
    id           text COLLATE "C" NOT NULL,
    token_hash   bytea NOT NULL,
    user_id      text COLLATE "C" NOT NULL REFERENCES users (id),
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    created_at   bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    confirmed_at bigint NOT NULL, -- when the password was last given
    address      text NOT NULL,
    user_agent   text NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (token_hash)
);
CREATE INDEX sessions_user ON sessions (user_id);
-- Serve the removal of those that are over.
CREATE INDEX sessions_created ON sessions (created_at);
CREATE INDEX sessions_seen ON sessions (last_seen_at);

-- Failed guesses at a password. subject is SHA-256 in hex of an account or an address.
CREATE TABLE guesses (
    subject   text COLLATE "C" NOT NULL,
    failures  bigint NOT NULL,
    failed_at bigint NOT NULL,
    PRIMARY KEY (subject)
);
CREATE INDEX guesses_failed ON guesses (failed_at);

-- Invitations that were not accepted yet, one for each address in a workspace; accepting one removes it.
CREATE TABLE invitations (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           text COLLATE "C" NOT NULL,
    token_hash   bytea NOT NULL,
    email        text NOT NULL,
    email_folded text NOT NULL,
    role         text NOT NULL,
    invited_by   text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    expires_at   bigint NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (token_hash)
);
CREATE UNIQUE INDEX invitations_email ON invitations (workspace_id, email_folded);
CREATE INDEX invitations_expiry ON invitations (expires_at);

-- Links to set a new password; using one removes all of its person.
CREATE TABLE password_resets (
    token_hash bytea NOT NULL,
    user_id    text COLLATE "C" NOT NULL REFERENCES users (id),
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (token_hash)
);
CREATE INDEX password_resets_user ON password_resets (user_id);
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

-- Who forgot a password, by the address they typed, known or not: answering takes the same time for both. A job turns
-- each into a link in the outbox, or into nothing.
CREATE TABLE password_reset_requests (
    id           text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    email_folded text NOT NULL,
    PRIMARY KEY (id)
);

-- Forms of the dashboard that have had their effect: a second submit finds the row. form is random and drawn when the
-- page is made. sealed is a secret to be shown once to the session that made it; null once it was, or after 10 minutes.
CREATE TABLE forms (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    form         text COLLATE "C" NOT NULL,
    session_id   text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    target_id    text COLLATE "C" NOT NULL,
    sealed       bytea,
    PRIMARY KEY (workspace_id, form)
);
CREATE INDEX forms_created ON forms (created_at);
CREATE INDEX forms_secret ON forms (session_id, target_id) WHERE sealed IS NOT NULL;

-- From where, with what, and a JSON object of what else is worth knowing, never a secret.
ALTER TABLE audit_log ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE audit_log ADD COLUMN user_agent text NOT NULL DEFAULT '';
ALTER TABLE audit_log ADD COLUMN detail text NOT NULL DEFAULT '{}';
CREATE INDEX audit_log_actor ON audit_log (workspace_id, actor, created_at, id);
CREATE INDEX audit_log_action ON audit_log (workspace_id, action, created_at, id);
