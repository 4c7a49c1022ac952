"""Payments: whoever takes them."""
