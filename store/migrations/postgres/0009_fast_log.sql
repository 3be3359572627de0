-- A completion changes status, counts and times of a delivery, once for each attempt. PostgreSQL rewrites the entries
-- of all indexes of a row as soon as one indexed value changes, which was a third of the cost of a delivery, and more
-- the longer the log. So no index may hold what every completion changes, nor have it in its condition, and pages keep
-- room for the new version of a row.
ALTER TABLE webhook_deliveries SET (fillfactor = 70);
DROP INDEX webhook_deliveries_status;

-- The status again, but only of deliveries that ended without success: it serves lists of these. It does not change
-- when a delivery succeeds. Pending ones are found through webhook_queue, and successes are nearly all there is.
ALTER TABLE webhook_deliveries ADD COLUMN unsuccessful text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN status IN ('failed', 'canceled') THEN status END) STORED;
CREATE INDEX webhook_deliveries_unsuccessful ON webhook_deliveries (workspace_id, unsuccessful, created_at, id)
    WHERE unsuccessful IS NOT NULL;

-- The same of the recovered ones that wait.
DROP INDEX webhook_deliveries_recovered;
ALTER TABLE webhook_deliveries ADD COLUMN recovering text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN status = 'pending' THEN recovery_id END) STORED;
CREATE INDEX webhook_deliveries_recovered ON webhook_deliveries (workspace_id, endpoint_id) WHERE recovering IS NOT NULL;
