"""Rounding points of a simplex to vertices of a graph, and how close points must be for it.

A *point* gives weights to vertices of the graph: positive integers, to be divided by their sum. Its
*support* S is the set of those vertices. `Rounding` needs every carrier D(S) that can occur to be
dismantlable: a sequence of steps, each of which moves some vertices r, each to a neighbour u that
stays and dominates it (what is adjacent or equal to r is adjacent or equal to u), ends in one
vertex. Taking many vertices in a step makes the steps few: about the radius of D(S).

**The rule** F [D]. A corner goes to itself. A point with support {a, b}, at distance L, goes along
a shortest path from a to b, whose L + 1 vertices share the segment evenly. For a larger support of
s vertices, let w be the least weight, with weights that sum to 1: `d = s w` is 0 on the boundary of
the simplex and 1 at the barycentre; `b`, the point with w taken from all weights, rescaled, is on
the boundary. With m the number of steps of the dismantling of D(S), F(p) = r_t o ... o r_1 (F(b))
for t = floor(min(1, 2 d) m): ring by ring, the boundary's image is pulled together to one vertex.
F(p) is always in D(S), as shortest paths are in every validity's carrier of their ends.

**The modulus** [D]. Write x ~ y for adjacent or equal. For a step r, x ~ y gives r(x) ~ y: if x
moves, y is adjacent or equal to it, hence to its image. Once more, it gives r(x) ~ r(y). Let p, q
have supports S, T of sizes s, t and differ by at most e in each weight. Then F(p) ~ F(q) if
e < `modulus(s, t, m, L)`, where dismantlings have at most m steps, and shortest paths at most L
edges. By induction on s + t:

1. *Corners* that differ by less than 1 are equal.
2. *No support has more than two vertices*, e < 1 / (L + 1) and e < 1/2. On the same segment, places
   on the path differ by at most one. Else the supports share a corner a (if not, p has weight at
   most e at both its vertices), the weights elsewhere are at most e, and both go to a.
3. *S is not T*, s >= t, s > 2. Some v is in S only; so w(p) <= e and d(p) <= s e, and with 2 s e m
   < 1 there are no steps: F(p) = F(b). In going to b, a weight changes by w abs(s p_u - 1) / (1 - s
   w), which with s e <= 1/4 is at most (4/3) (s - 1) e. So b differs from q by at most (1 + 4 (s -
   1) / 3) e, and its support is smaller.
4. *S = T, s > 2*. d(p) and d(q) differ by at most s e, so with 2 s e m <= 1 their t differ by at
   most 1. If d(p) >= 1/2, all m steps are made and F(p) is the last vertex, to which the last step
   moves all that is left, F(q) among it. Else both d < 1/2, and b(p) - b(q) is, in weight u, ((p_u
   - q_u) + (w_p - w_q) (s b(q)_u - 1)) / (1 - d(p)), at most 2 s e; both supports are smaller, so
   F(b(p)) ~ F(b(q)), and after equally many steps, or one more on one side, still so.
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
"""Pairs (vertex, weight), vertices in order, weights positive."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """F for a task and up to `count` different inputs.

    TaskError if some carrier is not dismantlable.
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
        """The most steps of any dismantling."""
        return max(map(len, self._steps.values()))

    def steps(self, support: frozenset[int]) -> tuple[dict[int, int], ...]:
        """The dismantling of D(support): for each step, what moves where."""
        return self._steps[support]

    def __call__(self, point: Point) -> int:
        """The vertex that F rounds `point` to."""
        total = sum(weight for _, weight in point)
        if len(point) == 1:
            return point[0][0]
        if len(point) == 2:  # noqa: PLR2004 - a segment
            (a, _), (b, weight) = point
            way = shortest_path(self.task.graph, a, b)
            return way[min(len(way) * weight // total, len(way) - 1)]
        steps = self._steps[frozenset(v for v, _ in point)]
        least = min(weight for _, weight in point)
        taken = min(len(steps), 2 * len(point) * least * len(steps) // total)
        beyond = tuple((v, weight - least) for v, weight in point if weight > least)
        # At the barycentre, where there is nothing beyond, all steps are taken: any start will do.
        vertex = self(beyond) if beyond else point[0][0]
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
                f"what the inputs {_names(task, support)} allow "
                f"({_names(task, task.carrier(support))}) cannot be dismantled: "
                "this algorithm is not for this graph"
            )
        steps.append(step)
        left &= ~graph.mask(step)
    return tuple(steps)


def _names(task: Task, vertices: Iterable[int]) -> str:
    return ", ".join(task.graph.labels[v] for v in sorted(vertices))


@lru_cache(maxsize=1024)
def modulus(s: int, t: int, steps: int, length: int) -> Fraction:
    """How close points with supports of `s` and `t` vertices must be: less than this per weight.

    `steps` is the most steps of a dismantling, `length` the greatest distance. See the module's
    text for the proof.
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
