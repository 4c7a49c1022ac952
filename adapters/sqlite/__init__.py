"""The embedded store: repositories, outbox, readers and job queue in one SQLite file."""
