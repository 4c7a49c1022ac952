UPDATE tenants SET document = json_set(document, '$.entitlements', json('{"plan": "free"}'));

UPDATE tenants
SET document = json_set(document, '$.fail_modes', json('{"rates": "open", "budgets": "closed"}'))
WHERE json_extract(document, '$.fail_modes') IS NULL;

CREATE TABLE subscriptions (
    tenant_id TEXT PRIMARY KEY,
    customer TEXT UNIQUE,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE payment_events (
    id TEXT PRIMARY KEY,
    applied_at TEXT NOT NULL
);

CREATE INDEX payment_events_by_time ON payment_events (applied_at);
