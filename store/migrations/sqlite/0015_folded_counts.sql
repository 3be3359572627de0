-- Serves the search for counts of closed slots that several writers share. A folded count leaves it for good, so that the
-- search costs as much as is left to do, however many counts are kept.
CREATE INDEX delivery_counts_unfolded ON delivery_counts (slot) WHERE writer <> 'all';
