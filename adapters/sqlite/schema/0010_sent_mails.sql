CREATE TABLE sent_mails (
    digest TEXT PRIMARY KEY,
    claimed_until TEXT NOT NULL,
    sent_at TEXT
);

CREATE INDEX sent_mails_sent ON sent_mails (sent_at) WHERE sent_at IS NOT NULL;
