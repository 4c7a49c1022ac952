"""Stores of audit objects: one bucket or folder a tenant."""
