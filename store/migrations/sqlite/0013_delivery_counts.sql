-- How attempts to deliver ended, and what was canceled, by quarters of an hour (slot is the start of one, in
-- microseconds; a day of any time zone begins with one), so that a chart need not read the log. writer is an arbitrary
-- name of one transaction at a time: nobody waits for a row of another.
CREATE TABLE delivery_counts (
    workspace_id text NOT NULL REFERENCES workspaces (id),
    slot         integer NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('succeeded', 'retried', 'failed', 'canceled')),
    writer       text NOT NULL,
    count        integer NOT NULL,
    PRIMARY KEY (workspace_id, slot, outcome, writer)
) WITHOUT ROWID;
-- Serves the removal of old counts in small batches.
CREATE INDEX delivery_counts_slot ON delivery_counts (slot);

-- Serves the list of an endpoint's recoveries.
CREATE INDEX webhook_recoveries_endpoint ON webhook_recoveries (workspace_id, endpoint_id, created_at, id);
