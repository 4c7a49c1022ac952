"""Limits, breakers and caches that one process keeps for itself."""
