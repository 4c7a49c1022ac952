CREATE INDEX jobs_of_tenant ON jobs (tenant_id, created_at, seq);
