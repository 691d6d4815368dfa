"""Rounding points of a simplex to vertices of a graph, and how close points must be for it.

A *point* gives weights to vertices of the graph: positive integers, to be divided by their sum. Its
*support* S is the set of those vertices. `Rounding` needs every carrier D(S) that can occur to be
dismantlable: a sequence of steps, each of which moves one vertex r to a neighbour u that dominates
it (what is adjacent or equal to r is adjacent or equal to u), ends in one vertex.

**The rule** [D]. Let w be the least weight, s = |S|, the weights sum to 1. `d = s w` is 0 on the
boundary of the simplex and 1 at the barycentre; `b`, the point with w taken from all weights,
rescaled, is on the boundary. With m the number of steps of the dismantling of D(S),
`F(p) = r_t o ... o r_1 (F(b))` for `t = floor(min(1, 2 d) m)`; F of a corner is the corner. So
F(p) is in D(S).

**The modulus** [D]. Write x ~ y for adjacent or equal. A step r keeps x ~ y, and x ~ y gives
r(x) ~ y: if x is the vertex that moves, y is adjacent or equal to it, hence to its image. Let p, q
have supports S, T of sizes s, t and differ by at most e in each weight. Then F(p) ~ F(q) if
e < `closeness(s, t, m)`, where all dismantlings have at most m steps. By induction on s + t:

1. *Corners* that differ by less than 1 are equal.
2. *S is not T*, say v is in S only. Then w(p) <= e, so d(p) <= s e, and with 2 s e m < 1 there are
   no steps: F(p) = F(b). In going to b a weight changes by w |s p_u - 1| / (1 - s w), which with
   s e <= 1/8 is at most (8/7) (s - 1) e. So b differs from q by at most (1 + 8 (s - 1) / 7) e, and
   its support is smaller.
3. *S is T*. d(p) and d(q) differ by at most s e, so with 2 s e m <= 1 their t differ by at most 1.
   If d(p) >= 1/2, all m steps are made and F(p) is the last vertex, F(q) one of the last two, which
   are adjacent. Else both d < 1/2, and b(p) - b(q) is, in weight u,
   ((p_u - q_u) + (w_p - w_q) (s b(q)_u - 1)) / (1 - d(p)), at most 2 s e; both supports are smaller,
   so F(b(p)) ~ F(b(q)), and after equally many steps, or one more on one side, still so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import TaskError
from agreement.graph import dismantlable

if TYPE_CHECKING:
    from agreement.task import Task

__all__ = ["Point", "Rounding", "closeness"]

Point: TypeAlias = tuple[tuple[int, int], ...]
"""Pairs (vertex, weight), vertices in order, weights positive."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """F for a task and up to `count` different inputs. TaskError if some carrier is not
    dismantlable."""

    task: Task
    count: int
    _steps: dict[frozenset[int], tuple[tuple[int, int], ...]] = field(
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

    def steps(self, support: frozenset[int]) -> tuple[tuple[int, int], ...]:
        """The dismantling of D(support): pairs (vertex, where it moves)."""
        return self._steps[support]

    def __call__(self, point: Point) -> int:
        """The vertex that F rounds `point` to."""
        if len(point) == 1:
            return point[0][0]
        steps = self._steps[frozenset(v for v, _ in point)]
        total = sum(weight for _, weight in point)
        least = min(weight for _, weight in point)
        taken = min(len(steps), 2 * len(point) * least * len(steps) // total)
        beyond = tuple((v, weight - least) for v, weight in point if weight > least)
        # At the barycentre, where there is nothing beyond, all steps are taken: any start will do.
        vertex = self(beyond) if beyond else point[0][0]
        for moved, image in steps[:taken]:
            if vertex == moved:
                vertex = image
        return vertex


def _dismantling(task: Task, support: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    carrier = sorted(task.carrier(support))
    found = dismantlable(task.graph.induced(carrier))
    if not found:
        labels = task.graph.labels
        inputs = ", ".join(labels[v] for v in support)
        allowed = ", ".join(labels[v] for v in carrier)
        raise TaskError(
            f"what the inputs {inputs} allow ({allowed}) cannot be dismantled: "
            "this algorithm is not for this graph"
        )
    pairs = zip(found.vertices, found.images, strict=True)
    return tuple((carrier[vertex], carrier[image]) for vertex, image in pairs)


@lru_cache(maxsize=1024)
def closeness(s: int, t: int, steps: int) -> Fraction:
    """How close points with supports of `s` and `t` vertices must be: less than this in each weight.

    `steps` is the most steps of a dismantling. See the module's text for the proof.
    """
    if s == t == 1:
        return Fraction(1)
    bounds = []
    for size, other in ((s, t), (t, s)):
        if size > 1:
            room = Fraction(1, 2 * size * steps) if steps else Fraction(1)
            spread = 1 + Fraction(8, 7) * (size - 1)
            bounds += [room, Fraction(1, 8 * size), closeness(size - 1, other, steps) / spread]
    if s == t:
        bounds.append(closeness(s - 1, s - 1, steps) / (2 * s))
    return min(bounds)
