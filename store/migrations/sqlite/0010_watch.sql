-- What operators watch: the endpoints in trouble, without reading those that are well, and where an event came from.

CREATE INDEX webhook_endpoints_failing ON webhook_endpoints (failing_since)
    WHERE failing_since IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX webhook_endpoints_disabled ON webhook_endpoints (disabled_reason)
    WHERE disabled_reason IS NOT NULL AND deleted_at IS NULL;

-- The W3C traceparent of the call that caused the event; null unless traces are recorded. It names no person.
ALTER TABLE events ADD COLUMN trace text;
