"""Policies: rules, exceptions, their evaluation and the redaction they ask for."""
