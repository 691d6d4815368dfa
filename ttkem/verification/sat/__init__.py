"""Refutations: the checker of hints, and who finds the hints."""
