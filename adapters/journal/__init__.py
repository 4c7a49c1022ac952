"""The journal that audit records pass on their way to storage."""
