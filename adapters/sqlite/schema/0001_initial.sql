-- Times are text in UTC that sorts by time; `document` holds the whole aggregate as JSON, the
-- columns beside it what queries and uniqueness need. No foreign key leads from the gateway's
-- tables to tenants: in a larger deployment they lie in another database.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    bucket TEXT NOT NULL,
    prefix TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (provider, bucket, prefix)
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE alert_settings (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE api_keys (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE upstreams (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE policy_revisions (
    tenant_id TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, policy_id, number)
);

CREATE TABLE policy_activations (
    seq INTEGER PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    activated_at TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    FOREIGN KEY (tenant_id, policy_id, number)
        REFERENCES policy_revisions (tenant_id, policy_id, number)
);

CREATE INDEX policy_activations_by_time ON policy_activations (tenant_id, activated_at, seq);

CREATE TABLE violations (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    category TEXT NOT NULL,
    type TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    key_id TEXT,
    model TEXT,
    detected_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX violations_by_time ON violations (tenant_id, detected_at, id);
CREATE INDEX violations_by_record ON violations (tenant_id, record_id, id);

CREATE TABLE chain_heads (
    tenant_id TEXT NOT NULL,
    instance TEXT NOT NULL,
    hash TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, instance)
);

CREATE INDEX chain_heads_by_instance ON chain_heads (instance, tenant_id);

CREATE TABLE usage_entries (
    tenant_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    at TEXT NOT NULL,
    cost_nano INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, record_id)
);

-- Holds the cost, so that what a key has spent is read from the index alone.
CREATE INDEX usage_entries_by_key ON usage_entries (tenant_id, key_id, at, cost_nano);

-- AUTOINCREMENT never gives a number again: the order of events survives deletions.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    occurred_at TEXT NOT NULL,
    available_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    is_buried INTEGER NOT NULL,
    reason TEXT,
    document TEXT NOT NULL
);

CREATE INDEX outbox_waiting ON outbox (seq) WHERE is_buried = 0;

CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant_id TEXT NOT NULL,
    object TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    not_before TEXT,
    lease TEXT,
    lease_until TEXT,
    last_error TEXT,
    finished_at TEXT
);

CREATE INDEX jobs_by_tenant ON jobs (tenant_id, id);
CREATE INDEX jobs_by_time ON jobs (created_at, seq);
CREATE INDEX jobs_by_state ON jobs (state, created_at, seq);
CREATE INDEX jobs_open ON jobs (created_at, seq) WHERE state IN ('new', 'leased');
