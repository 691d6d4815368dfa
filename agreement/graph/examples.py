"""Small graphs that several claims are about."""

from __future__ import annotations

from agreement.graph.graph import Graph

__all__ = ["DIAMOND", "SPIDER"]

SPIDER = Graph.of(7, [(0, 1), (1, 2), (0, 3), (3, 4), (0, 5), (5, 6)])
"""The spider with three legs of length 2; vertex 0 is its centre."""

DIAMOND = Graph.of(4, [(0, 1), (1, 2), (2, 3), (3, 0), (1, 3)])
"""The diamond: the 4-cycle 0 1 2 3 with the chord 1-3."""
