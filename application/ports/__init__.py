"""One Protocol per conversation with the outside; the docstring of each method is its contract."""
