"""Measure detection quality: predictions of any system against labelled records."""
