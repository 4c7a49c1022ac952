"""The data plane: serve requests under policy, and what a tenant manages around it."""
