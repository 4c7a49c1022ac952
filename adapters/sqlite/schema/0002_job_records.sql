ALTER TABLE jobs ADD COLUMN stalled_since TEXT;

CREATE INDEX jobs_closed ON jobs (finished_at) WHERE state IN ('done', 'discarded');
