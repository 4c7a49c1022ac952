"""Redis: whose turn it is among the jobs of a store."""
