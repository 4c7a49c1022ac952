"""Providers of models, one dialect per module, and the HTTP client that they share."""
