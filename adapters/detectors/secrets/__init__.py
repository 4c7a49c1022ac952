"""Secrets: provider formats, keys, tokens, connection strings and assignments."""
