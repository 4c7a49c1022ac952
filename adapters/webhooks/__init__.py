"""Posts to the receivers of alerts."""
