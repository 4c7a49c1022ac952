"""Fill a slot with a Hugging Face checkpoint, and lay out what Triton serves."""
