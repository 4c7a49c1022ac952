-- Whose turn it is, without a look at those whose turn comes later: each lease asks for the first of all three.
CREATE INDEX jobs_waiting ON jobs (created_at, seq) WHERE state = 'new' AND not_before IS NULL;

CREATE INDEX jobs_delayed ON jobs (not_before, seq) WHERE state = 'new' AND not_before IS NOT NULL;

CREATE INDEX jobs_leased ON jobs (lease_until, seq) WHERE state = 'leased';
