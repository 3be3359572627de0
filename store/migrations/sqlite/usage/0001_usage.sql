-- The counters of keys, in a file of their own: each commit invalidates the page caches of all readers of a file,
-- and every call commits here. One row for each key that was ever used.
-- minute and day are window numbers: the time divided by 60 s and by 86,400 s.
CREATE TABLE api_key_usage (
    key_id       TEXT    NOT NULL,
    minute       INTEGER NOT NULL,
    minute_count INTEGER NOT NULL,
    day          INTEGER NOT NULL,
    day_count    INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    PRIMARY KEY (key_id)
) STRICT, WITHOUT ROWID;
