-- Live sessions and their recordings; what scheduled publication and the public page of a certificate look things up by.

CREATE TABLE live_sessions (
    workspace_id     text    NOT NULL REFERENCES workspaces (id),
    id               text    NOT NULL,
    created_at       integer NOT NULL,
    updated_at       integer NOT NULL,
    course_id        text,
    title            text    NOT NULL,
    provider         text,
    scheduled_at     integer NOT NULL,
    duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 1 AND 1440),
    join_url         text,
    status           text    NOT NULL CHECK (status IN ('scheduled', 'live', 'ended')),
    started_at       integer,
    ended_at         integer,
    duration_seconds integer CHECK (duration_seconds >= 0),
    attendee_count   integer CHECK (attendee_count >= 0),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id),
    CONSTRAINT live_sessions_started CHECK ((started_at IS NULL) = (status = 'scheduled')),
    CONSTRAINT live_sessions_ended CHECK ((ended_at IS NULL) = (status <> 'ended'))
);
CREATE INDEX live_sessions_created ON live_sessions (workspace_id, created_at, id);
CREATE INDEX live_sessions_updated ON live_sessions (workspace_id, updated_at, id);

-- course_id is that of the session, so that the list needs no join.
CREATE TABLE recordings (
    workspace_id     text    NOT NULL,
    id               text    NOT NULL,
    created_at       integer NOT NULL,
    updated_at       integer NOT NULL,
    live_session_id  text    NOT NULL,
    course_id        text,
    title            text    NOT NULL,
    url              text    NOT NULL,
    url_expires_at   integer,
    duration_seconds integer CHECK (duration_seconds >= 0),
    size_bytes       integer CHECK (size_bytes >= 0),
    mime_type        text,
    started_at       integer,
    ended_at         integer,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, live_session_id) REFERENCES live_sessions (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);
CREATE INDEX recordings_session ON recordings (workspace_id, live_session_id);
CREATE INDEX recordings_created ON recordings (workspace_id, created_at, id);
CREATE INDEX recordings_updated ON recordings (workspace_id, updated_at, id);

-- Serves the search for what is due, over all workspaces: it has scheduled drafts alone.
CREATE INDEX courses_publish_at ON courses (publish_at) WHERE publish_at IS NOT NULL;
-- The public page knows nothing but the certificate's id. Ids are unique in a workspace; over all of them only chance
-- makes them so, and two workspaces with the same seed share theirs.
CREATE INDEX certificates_id ON certificates (id);
