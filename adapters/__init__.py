"""One family of technology per folder; families do not know each other."""
