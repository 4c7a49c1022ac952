"""The store on MongoDB: repositories, outbox, readers and job queue in two databases."""
