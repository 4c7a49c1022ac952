"""Measurements: figures of this machine, compared within one run, never a test."""
