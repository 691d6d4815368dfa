"""Rounding points of a simplex to vertices of a graph, with an explicit modulus of continuity.

A *point* gives weights to vertices of the graph: positive integers, to be divided by their sum. Its
*support* S is the set of those vertices. `Rounding` needs every carrier D(S) that can occur to be
dismantlable by steps down to one vertex. A step moves some vertices r, each to a neighbour u that
stays and dominates r: what is adjacent or equal to r is adjacent or equal to u. Moving many
vertices in one step makes the steps few: about the radius of D(S).

**The rule** F [D]. A corner goes to itself. For a support {a, b} at distance L, take a shortest
path from a to b; its L + 1 vertices divide the segment into equal parts. For a larger support of s
vertices, let w be the least weight, where weights sum to 1. Then d = s w is 0 on the boundary of
the simplex and 1 at the barycentre; and b, the point with w subtracted from all weights, rescaled,
is on the boundary. If the dismantling of D(S) has m steps r_1, ..., r_m, then
F(p) = r_t o ... o r_1 (F(b)) for t = floor(min(1, 2 d) m): ring by ring, the image of the boundary
is contracted to one vertex. F(p) is always in D(S), as every carrier contains the shortest paths
between its inputs.

**The modulus** [D]. Write x ~ y if x and y are adjacent or equal. For a step r, x ~ y implies
r(x) ~ y: if x moves, y is adjacent or equal to x and hence to the image of x. Applied twice, it
implies r(x) ~ r(y). Let p and q have supports S and T of sizes s and t, and differ by at most e in
each weight. Then F(p) ~ F(q) if e < `modulus(s, t, m, L)`, where dismantlings have at most m steps
and shortest paths at most L edges. By induction on s + t:

1. *Corners* that differ by less than 1 are equal.
2. *No support has more than two vertices*, e < 1 / (L + 1) and e < 1/2. On the same segment,
   positions on the path differ by at most one. Otherwise the supports share a corner a (if not, p
   has weight at most e at both its vertices), the weights elsewhere are at most e, and both points
   go to a.
3. *S is not T*, s >= t, s > 2. Some v is in S only, so w(p) <= e and d(p) <= s e; with 2 s e m < 1
   there are no steps, and F(p) = F(b). From p to b, a weight changes by w abs(s p_u - 1) /
   (1 - s w), which is at most (4/3) (s - 1) e if s e <= 1/4. So b differs from q by at most
   (1 + 4 (s - 1) / 3) e, and its support is smaller.
4. *S = T, s > 2*. d(p) and d(q) differ by at most s e, so with 2 s e m <= 1 their t differ by at
   most 1. If d(p) >= 1/2, all m steps are made and F(p) is the last vertex; the last step moves all
   remaining vertices to it, F(q) among them. If d(q) >= 1/2, likewise. Otherwise both d < 1/2, and
   b(p) - b(q) is, in weight u, ((p_u - q_u) + (w_p - w_q) (s b(q)_u - 1)) / (1 - d(p)), at most
   2 s e. Both supports are smaller, so F(b(p)) ~ F(b(q)), and this stays so after equally many
   steps, or one more on one side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import TaskError
from agreement.graph import shortest_path
from agreement.graph.graph import members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.task import Task

__all__ = ["Point", "Rounding", "modulus"]

Point: TypeAlias = tuple[tuple[int, int], ...]
"""A point: pairs (vertex, weight), vertices in order, weights positive integers."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """The rounding F for a task and up to `count` different inputs.

    Raises TaskError if the carrier of some set of up to `count` inputs is not dismantlable.
    """

    task: Task
    count: int
    _steps: dict[frozenset[int], tuple[dict[int, int], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        for size in range(1, self.count + 1):
            for support in combinations(range(self.task.graph.order), size):
                self._steps[frozenset(support)] = _dismantling(self.task, support)

    @property
    def longest(self) -> int:
        """The greatest number of steps of a dismantling."""
        return max(map(len, self._steps.values()))

    def steps(self, support: frozenset[int]) -> tuple[dict[int, int], ...]:
        """Return the dismantling of D(support): for each step, the images of the moved vertices."""
        return self._steps[support]

    def __call__(self, point: Point) -> int:
        """Return the vertex that F rounds `point` to."""
        total = sum(weight for _, weight in point)
        if len(point) == 1:
            return point[0][0]
        if len(point) == 2:  # noqa: PLR2004 - a segment
            (a, _), (b, weight) = point
            path = shortest_path(self.task.graph, a, b)
            return path[min(len(path) * weight // total, len(path) - 1)]
        steps = self._steps[frozenset(v for v, _ in point)]
        least = min(weight for _, weight in point)
        taken = min(len(steps), 2 * len(point) * least * len(steps) // total)
        rest = tuple((v, weight - least) for v, weight in point if weight > least)
        # At the barycentre nothing remains, but all steps are taken, so any start will do.
        vertex = self(rest) if rest else point[0][0]
        for step in steps[:taken]:
            vertex = step.get(vertex, vertex)
        return vertex


def _dismantling(task: Task, support: tuple[int, ...]) -> tuple[dict[int, int], ...]:
    graph = task.graph
    left = graph.mask(task.carrier(support))
    steps = []
    while left.bit_count() > 1:
        step: dict[int, int] = {}
        for v in members(left):
            if v not in step.values():
                near = (graph.rows[v] | 1 << v) & left
                above = (u for u in members(graph.rows[v] & left) if u not in step)
                image = next((u for u in above if not near & ~(graph.rows[u] | 1 << u)), None)
                if image is not None:
                    step[v] = image
        if not step:
            raise TaskError(
                f"cannot round: the carrier of the inputs {_names(task, support)}, "
                f"{{{_names(task, task.carrier(support))}}}, cannot be dismantled"
            )
        steps.append(step)
        left &= ~graph.mask(step)
    return tuple(steps)


def _names(task: Task, vertices: Iterable[int]) -> str:
    return ", ".join(task.graph.labels[v] for v in sorted(vertices))


@lru_cache(maxsize=1024)
def modulus(s: int, t: int, steps: int, length: int) -> Fraction:
    """Return the modulus of continuity for points with supports of `s` and `t` vertices.

    Points that differ by less than it, in each weight, are rounded to vertices that are adjacent or
    equal. `steps` bounds the steps of a dismantling, `length` the distances in the graph. It is
    proved at the top of this module.
    """
    if s < t:
        return modulus(t, s, steps, length)
    if s == 1:
        return Fraction(1)
    if s == 2:  # noqa: PLR2004 - a segment
        return Fraction(1, max(2, length + 1))
    unequal = modulus(s - 1, t, steps, length) / (1 + Fraction(4, 3) * (s - 1))
    equal = modulus(s - 1, s - 1, steps, length) / (2 * s)
    room = Fraction(1, 2 * s * max(2, steps))
    return min(unequal, equal, room) if s == t else min(unequal, room)
