"""Exfiltration channels: addresses, markup, names, commands and text that carry data away."""
