"""What tenants describe in their policies, compiled and run."""
