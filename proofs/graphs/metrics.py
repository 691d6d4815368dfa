"""Distances between a few named points, as formulas for lemmas on graphs."""

from __future__ import annotations

from itertools import combinations, pairwise

import z3

__all__ = ["Distances"]


class Distances:
    """Symmetric distances, which are integers, between points named by strings.

    Points stand for vertices of a graph, not necessarily different ones: d(x, y) may be 0.
    """

    def __init__(self, *points: str) -> None:
        self.points = points
        self._known = {
            frozenset(pair): z3.Int(f"d({','.join(pair)})") for pair in combinations(points, 2)
        }

    def __call__(self, x: str, y: str) -> z3.ArithRef:
        """Return the distance d(x, y)."""
        return z3.IntVal(0) if x == y else self._known[frozenset((x, y))]

    def metric(self) -> z3.BoolRef:
        """State that no distance is negative, and the triangle inequality."""
        triangles = [
            self(x, z) <= self(x, y) + self(y, z)
            for y in self.points
            for x, z in combinations(self.points, 2)
        ]
        return z3.And([*(d >= 0 for d in self._known.values()), *triangles])

    def four_points(self, *points: str) -> z3.BoolRef:
        """State the four-point condition on these points; on all, if none is given.

        Of the three sums d(w, x) + d(y, z) the two greatest are equal.
        """
        return z3.And([self._four(*four) for four in combinations(points or self.points, 4)])

    def _four(self, w: str, x: str, y: str, z: str) -> z3.BoolRef:
        first, second = self(w, x) + self(y, z), self(w, y) + self(x, z)
        third = self(w, z) + self(x, y)
        return z3.And(
            z3.Or(first <= second, first <= third),
            z3.Or(second <= first, second <= third),
            z3.Or(third <= first, third <= second),
        )

    def between(self, x: str, w: str, y: str) -> z3.BoolRef:
        """State that w is on a shortest path from x to y."""
        return self(x, w) + self(w, y) == self(x, y)

    def in_line(self, *points: str) -> z3.BoolRef:
        """State that a shortest path from the first point to the last passes them in this order."""
        steps = [self(x, y) for x, y in pairwise(points)]
        return z3.Sum(steps) == self(points[0], points[-1])
