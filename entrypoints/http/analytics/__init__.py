"""The API of the analytics engine: events in, jobs to look at."""
