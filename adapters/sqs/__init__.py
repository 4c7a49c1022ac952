"""Amazon SQS: storage events out of a queue, and the turns of analysis jobs."""
