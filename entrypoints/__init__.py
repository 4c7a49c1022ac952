"""How the outside reaches the use cases: HTTP, the command line, Lambda."""
