"""The control plane: tenants and the people in them."""
