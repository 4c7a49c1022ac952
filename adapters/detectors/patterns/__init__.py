"""Recognise personal and health data by validated patterns."""
