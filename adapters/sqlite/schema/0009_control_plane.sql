-- Which tenants somebody is in; the tenants' documents are the truth.
CREATE TABLE memberships (
    user_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    PRIMARY KEY (user_id, tenant_id)
);

INSERT INTO memberships (user_id, tenant_id)
SELECT json_extract(member.value, '$.user_id'), tenants.id
FROM tenants, json_each(tenants.document, '$.members') AS member;

CREATE INDEX memberships_by_tenant ON memberships (tenant_id);

CREATE TABLE one_time_codes (
    email TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    document TEXT NOT NULL
);

CREATE INDEX one_time_codes_by_end ON one_time_codes (expires_at);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    is_ended INTEGER NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE INDEX sessions_open ON sessions (user_id) WHERE is_ended = 0;
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE invitations (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE administration_log (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE done_calls (
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
);

CREATE INDEX done_calls_by_end ON done_calls (expires_at);
