"""Small graphs that several claims are about."""

from __future__ import annotations

from agreement.graph.graph import Graph

__all__ = ["DIAMOND", "SPIDER"]

SPIDER = Graph.of(7, [(0, 1), (1, 2), (0, 3), (3, 4), (0, 5), (5, 6)])
"""Three legs of length 2."""

DIAMOND = Graph.of(4, [(0, 1), (1, 2), (2, 3), (3, 0), (1, 3)])
"""The 4-cycle with a chord."""
