-- Events, the endpoints that hear of them, and the queue and the log of their deliveries; e-mails to be sent and
-- the audit log, which are written in the transaction of what they tell about.

-- The number of the workspace's newest event. It survives the removal of old events.
ALTER TABLE workspaces ADD COLUMN last_event bigint NOT NULL DEFAULT 0;

-- body is the exact text that is signed; only erasure ever changes it. A test delivery's event has no seq and is
-- in no feed.
CREATE TABLE events (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           text COLLATE "C" NOT NULL,
    seq          bigint,
    type         text COLLATE "C" NOT NULL,
    body         text   NOT NULL,
    created_at   bigint NOT NULL,
    erased_at    bigint,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX events_seq ON events (workspace_id, seq);
CREATE INDEX events_type ON events (workspace_id, type, seq);
-- Serves since, and through it the start of a walk; times and numbers grow together.
CREATE INDEX events_since ON events (workspace_id, created_at, seq);
-- Serves the removal of old events in small batches.
CREATE INDEX events_created ON events (created_at);

-- The students that an event is about, so that erasure finds it.
CREATE TABLE event_subjects (
    workspace_id text COLLATE "C" NOT NULL,
    student_id   text COLLATE "C" NOT NULL,
    event_id     text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, student_id, event_id),
    FOREIGN KEY (workspace_id, event_id) REFERENCES events (workspace_id, id)
);
CREATE INDEX event_subjects_event ON event_subjects (workspace_id, event_id);

-- events is a JSON array of types, or ["*"]. A deleted endpoint stays as a tombstone under its deliveries.
-- max_in_flight bounds its attempts under way, counted over all processes.
CREATE TABLE webhook_endpoints (
    workspace_id         text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id                   text COLLATE "C" NOT NULL,
    created_at           bigint NOT NULL,
    updated_at           bigint NOT NULL,
    url                  text   NOT NULL,
    label                text   NOT NULL,
    events               text   NOT NULL,
    status               text   NOT NULL CHECK (status IN ('active', 'disabled')),
    disabled_reason      text   CHECK (disabled_reason IN ('failing', 'manual')),
    max_in_flight        bigint NOT NULL CHECK (max_in_flight > 0),
    consecutive_failures bigint NOT NULL,
    failing_since        bigint,
    last_success_at      bigint,
    last_failure_at      bigint,
    deleted_at           bigint,
    PRIMARY KEY (workspace_id, id),
    CHECK ((status = 'disabled') = (disabled_reason IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX webhook_endpoints_created ON webhook_endpoints (workspace_id, created_at, id);

-- The secrets that sign, highest number newest. sealed is encrypted and bound to its row. During a rotation the
-- old one has an end.
CREATE TABLE webhook_secrets (
    workspace_id text COLLATE "C" NOT NULL,
    endpoint_id  text COLLATE "C" NOT NULL,
    number       bigint NOT NULL,
    sealed       bytea  NOT NULL,
    created_at   bigint NOT NULL,
    expires_at   bigint,
    PRIMARY KEY (workspace_id, endpoint_id, number),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES webhook_endpoints (workspace_id, id)
);

CREATE TABLE webhook_deliveries (
    workspace_id     text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    endpoint_id      text COLLATE "C" NOT NULL,
    event_id         text COLLATE "C" NOT NULL,
    event_type       text COLLATE "C" NOT NULL,
    status           text   NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'canceled')),
    attempt_count    bigint NOT NULL,
    next_attempt_at  bigint,
    last_status_code bigint,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES webhook_endpoints (workspace_id, id),
    FOREIGN KEY (workspace_id, event_id) REFERENCES events (workspace_id, id),
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (workspace_id, created_at, id);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (workspace_id, endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (workspace_id, event_id, created_at, id);
CREATE INDEX webhook_deliveries_type ON webhook_deliveries (workspace_id, event_type, created_at, id);
CREATE INDEX webhook_deliveries_status ON webhook_deliveries (workspace_id, status, created_at, id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);

-- What was sent is the event's body; it is not kept again for each attempt.
CREATE TABLE webhook_attempts (
    workspace_id    text COLLATE "C" NOT NULL,
    delivery_id     text COLLATE "C" NOT NULL,
    number          bigint NOT NULL,
    caused_by       text   NOT NULL CHECK (caused_by IN ('auto', 'manual', 'recovery', 'test')),
    at              bigint NOT NULL,
    status_code     bigint,
    duration_ms     bigint NOT NULL,
    error           text,
    request_headers text   NOT NULL,
    response_body   text,
    PRIMARY KEY (workspace_id, delivery_id, number),
    FOREIGN KEY (workspace_id, delivery_id) REFERENCES webhook_deliveries (workspace_id, id)
);

-- The deliveries that are not final: hot and narrow, without foreign keys. Whoever changes or removes a row holds
-- the lock of its endpoint's row. A leased row has next_at = lease_until, so next_at alone says when a row may be
-- taken. tries counts from the start of the schedule, attempt numbers all attempts of the delivery.
CREATE TABLE webhook_queue (
    delivery_id  text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    endpoint_id  text COLLATE "C" NOT NULL,
    event_id     text COLLATE "C" NOT NULL,
    attempt      bigint NOT NULL,
    tries        bigint NOT NULL,
    caused_by    text   NOT NULL,
    next_at      bigint NOT NULL,
    lease_until  bigint,
    lease_token  bigint NOT NULL,
    PRIMARY KEY (delivery_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
CREATE INDEX webhook_queue_lane ON webhook_queue (workspace_id, endpoint_id, next_at, delivery_id);
CREATE INDEX webhook_queue_leased ON webhook_queue (workspace_id, endpoint_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX webhook_queue_due ON webhook_queue (next_at);

-- E-mails to be sent. student_id is whom one is about, so that erasure finds it.
CREATE TABLE emails (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    kind         text   NOT NULL,
    recipients   text   NOT NULL, -- a JSON array
    subject      text   NOT NULL,
    body         text   NOT NULL,
    student_id   text COLLATE "C",
    attempts     bigint NOT NULL,
    next_at      bigint, -- null once it was sent or given up
    sent_at      bigint,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX emails_due ON emails (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX emails_student ON emails (workspace_id, student_id);
CREATE INDEX emails_created ON emails (workspace_id, created_at, id);

-- Who did what, without anything personal.
CREATE TABLE audit_log (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    actor        text   NOT NULL,
    action       text   NOT NULL,
    target_id    text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX audit_log_created ON audit_log (workspace_id, created_at, id);
