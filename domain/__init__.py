"""What is true of tenants, keys, policies, findings, violations and audit chains: pure Python."""
