-- The number of the secret whose signature goes last while two of them sign, as the endpoint last took it. Null, or a
-- secret that is not there: the old one.
ALTER TABLE webhook_endpoints ADD COLUMN last_secret integer;
-- Serves the removal of old secrets that have expired.
CREATE INDEX webhook_secrets_expiry ON webhook_secrets (expires_at) WHERE expires_at IS NOT NULL;
