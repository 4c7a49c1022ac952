"""Formats of provider keys, one table a field."""
