"""What is true about tenants, keys, policies, findings, violations and audit chains: pure Python."""
