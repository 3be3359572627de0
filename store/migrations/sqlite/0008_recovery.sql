-- Recoveries: jobs that send an endpoint what it has missed. events is a JSON array of types, or null for all that the
-- endpoint subscribes to. The range is the events with numbers over begins_after, up to ends_at; those up to reached
-- have been looked at. A step moves reached and queues in one transaction, so that nothing is lost or queued twice.
CREATE TABLE webhook_recoveries (
    workspace_id text NOT NULL REFERENCES workspaces (id),
    id           text NOT NULL,
    created_at   integer NOT NULL,
    updated_at   integer NOT NULL,
    endpoint_id  text NOT NULL,
    since        integer NOT NULL,
    events       text,
    state        text   NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed')),
    begins_after integer NOT NULL,
    reached      integer NOT NULL,
    ends_at      integer NOT NULL,
    queued       integer NOT NULL,
    finished_at  integer,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES webhook_endpoints (workspace_id, id),
    CHECK ((state IN ('completed', 'failed')) = (finished_at IS NOT NULL))
);
-- An endpoint has one recovery at a time.
CREATE UNIQUE INDEX webhook_recoveries_unfinished ON webhook_recoveries (workspace_id, endpoint_id) WHERE finished_at IS NULL;
-- Serves those to be worked on, the longest waiting first, and the removal of old ones.
CREATE INDEX webhook_recoveries_finished ON webhook_recoveries (finished_at, updated_at);

-- The recovery that started the delivery, if one did. There is no foreign key: recoveries go by an age of their own.
ALTER TABLE webhook_deliveries ADD COLUMN recovery_id text;
-- Counts the recovered deliveries that wait for an endpoint, retries included.
CREATE INDEX webhook_deliveries_recovered ON webhook_deliveries (workspace_id, endpoint_id)
    WHERE recovery_id IS NOT NULL AND status = 'pending';
