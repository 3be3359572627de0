-- A completion changes status, counts and times of a delivery, once for each attempt. No index may hold what every
-- completion changes: on PostgreSQL that rewrites the entries of all indexes of the row, here those of that one.
DROP INDEX webhook_deliveries_status;

-- The status again, but only of deliveries that ended without success: it serves lists of these. It does not change
-- when a delivery succeeds. Pending ones are found through webhook_queue, and successes are nearly all there is.
ALTER TABLE webhook_deliveries ADD COLUMN unsuccessful text
    GENERATED ALWAYS AS (CASE WHEN status IN ('failed', 'canceled') THEN status END) VIRTUAL;
CREATE INDEX webhook_deliveries_unsuccessful ON webhook_deliveries (workspace_id, unsuccessful, created_at, id)
    WHERE unsuccessful IS NOT NULL;

-- The same of the recovered ones that wait.
DROP INDEX webhook_deliveries_recovered;
ALTER TABLE webhook_deliveries ADD COLUMN recovering text
    GENERATED ALWAYS AS (CASE WHEN status = 'pending' THEN recovery_id END) VIRTUAL;
CREATE INDEX webhook_deliveries_recovered ON webhook_deliveries (workspace_id, endpoint_id) WHERE recovering IS NOT NULL;
