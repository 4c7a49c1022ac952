"""The gateway API: the data plane and what a tenant manages around it."""
