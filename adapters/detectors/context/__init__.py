"""Recognise people, places and organisations by rules about their surroundings."""
