-- What keys were used for: a line for each of a key's last calls, and how many calls there were in each hour.

-- The last 500 calls of each key, for 30 days at most. No body, no query and no path. created_at is when the call was
-- admitted, id its request id, which may be the caller's own and so is not unique. No foreign key: nothing refers to
-- these rows, and keys are never removed.
CREATE TABLE request_log (
    workspace_id text COLLATE "C" NOT NULL,
    key_id       text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    id           text COLLATE "C" NOT NULL,
    method       text   NOT NULL,
    route        text   NOT NULL, -- the template; '' where no path of the contract was called
    status       bigint NOT NULL,
    microseconds bigint NOT NULL,
    address      text   NOT NULL, -- of the client
    PRIMARY KEY (workspace_id, key_id, created_at, id)
);
-- Serves the search for a request by its id.
CREATE INDEX request_log_id ON request_log (workspace_id, id);
-- Serves the removal of old lines in small batches.
CREATE INDEX request_log_created_at ON request_log (created_at);

-- hour is where an hour of the workspace's time zone begins: some zones are not whole hours away from UTC,
-- and days are summed from hours. key_id '' has the sums of the workspace, so that its chart reads as few
-- rows as that of a key. Statuses: succeeded 2xx, unchanged 3xx, limited 429, rejected every other 4xx, failed 5xx.
-- The row of this hour is updated every second: half of each page stays free, so that the updates touch no index.
CREATE TABLE request_counts (
    workspace_id text COLLATE "C" NOT NULL,
    key_id       text COLLATE "C" NOT NULL,
    hour         bigint NOT NULL,
    succeeded    bigint NOT NULL,
    unchanged    bigint NOT NULL,
    rejected     bigint NOT NULL,
    limited      bigint NOT NULL,
    failed       bigint NOT NULL,
    PRIMARY KEY (workspace_id, key_id, hour)
) WITH (fillfactor = 50);
-- Serves the removal of old hours in small batches.
CREATE INDEX request_counts_hour ON request_counts (hour);

-- The key that took this one's place, if one did.
ALTER TABLE api_keys ADD COLUMN replaced_by text COLLATE "C";
-- Serves the list of keys that have ended, page by page.
CREATE INDEX api_keys_created ON api_keys (workspace_id, created_at, id);
