"""Distances in formulas, and the search for labelled walks."""
