-- What reports group and sum, read without opening every document.
ALTER TABLE usage_entries ADD COLUMN model TEXT NOT NULL DEFAULT '';

ALTER TABLE usage_entries ADD COLUMN upstream TEXT NOT NULL DEFAULT '';

ALTER TABLE usage_entries ADD COLUMN status INTEGER NOT NULL DEFAULT 0;

ALTER TABLE usage_entries ADD COLUMN input_tokens INTEGER NOT NULL DEFAULT 0;

ALTER TABLE usage_entries ADD COLUMN output_tokens INTEGER NOT NULL DEFAULT 0;

ALTER TABLE usage_entries ADD COLUMN is_estimated INTEGER NOT NULL DEFAULT 0;

-- Null where no price is known.
ALTER TABLE usage_entries ADD COLUMN currency TEXT;

ALTER TABLE usage_entries ADD COLUMN latency_ms INTEGER NOT NULL DEFAULT 0;

-- A name with escaped surrogates may hold half a pair, which no column takes.
UPDATE usage_entries SET
    model = CASE WHEN instr(document, '\ud') THEN '?'
        ELSE json_extract(document, '$.model') END,
    upstream = CASE WHEN instr(document, '\ud') THEN '?'
        ELSE json_extract(document, '$.upstream') END,
    status = json_extract(document, '$.status'),
    input_tokens = json_extract(document, '$.tokens.input'),
    output_tokens = json_extract(document, '$.tokens.output'),
    is_estimated = json_extract(document, '$.tokens.estimated'),
    currency = json_extract(document, '$.cost.currency'),
    latency_ms = json_extract(document, '$.latency_ms');

CREATE INDEX usage_entries_by_time ON usage_entries (tenant_id, at);
