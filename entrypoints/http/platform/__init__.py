"""The platform API: users, tenants, billing."""
