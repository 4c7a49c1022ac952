-- Names of detectors without blanks, joined by one.
ALTER TABLE jobs ADD COLUMN pending_detectors TEXT NOT NULL DEFAULT '';

ALTER TABLE jobs ADD COLUMN note TEXT NOT NULL DEFAULT '';

CREATE TABLE audit_damages (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    object_key TEXT NOT NULL,
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    found_at TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE alert_states (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
);
