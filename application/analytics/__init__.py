"""The analytics engine: stored objects become jobs, jobs become violations."""
