UPDATE alert_settings SET document = json_set(document, '$.webhooks', json('[]'));

CREATE TABLE webhook_states (
    tenant_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, webhook_id)
);

-- The queue of what is to be delivered, and the log of what was: a finished row keeps the same
-- alert from being queued again.
CREATE TABLE webhook_deliveries (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    available_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (available_at) WHERE state = 'waiting';

CREATE INDEX webhook_deliveries_log ON webhook_deliveries (tenant_id, webhook_id, created_at);

CREATE INDEX webhook_deliveries_closed ON webhook_deliveries (finished_at)
WHERE finished_at IS NOT NULL;
