"""Embed, average, round: for graphs whose carriers are dismantlable, among them all chordal ones.

1. *Embed*: a process's value is a point (see `rounding`), at first the corner of its input.
2. *Average*, for some rounds of snapshots. With n >= 3 processes, a process goes to the mean of the
   values seen or, if it has seen all n, to the mean of the others' values. With n = 2, a process
   that has seen the other gives weight 1/3 to its own and 2/3 to the other's value.
3. *Round* by `Rounding`.

**A round contracts** [D]. Two new values are means of the same old values with two systems of
weights. If these have a part of 1 - c in common, the new values differ, in each weight, by at most
c times the greatest difference of old values. Let the views of processes a and b be V and W, where
V is a subset of W, with m and l members. If neither is everybody, the means share m / l >=
1 / (n - 1). If W is everybody and V is not, b averages the n - 1 others; these contain all of V's m
values except perhaps b's own, and they contain a's, so the means share at least
(1 / (n - 1)) max(1, m - 1). If both are everybody, they share n - 2 of n - 1. So c =
(n - 2) / (n - 1) for n >= 3, and c = 1/3 for n = 2.

Corners differ by 1, so after k rounds values differ by at most c^k; `proved_rounds` is the least k
with c^k < `modulus`. Outputs are valid, since the support of a value is a set of inputs seen.
`agreement.protocols.subdivision` computes how few rounds really suffice.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from agreement.memory import COMMUNICATION_MODELS
from agreement.protocols.protocol import Protocol, check_communication, check_sizes
from agreement.protocols.rounding import Point, Rounding, modulus

if TYPE_CHECKING:
    from agreement.memory import Steps, View
    from agreement.task import Task

__all__ = ["Averaging", "average", "averaging_protocol", "contraction", "proved_rounds"]


def contraction(count: int) -> Fraction:
    """Return the factor c by which a round contracts the values of `count` processes."""
    if count <= 2:  # noqa: PLR2004 - the two cases of the text
        return Fraction(count - 1, 3)
    return Fraction(count - 2, count - 1)


def proved_rounds(rounding: Rounding) -> int:
    """Return the number of rounds after which outputs are proved to agree."""
    size = min(rounding.count, rounding.task.graph.order)
    need = modulus(size, size, rounding.longest, rounding.task.graph.diameter)
    apart, rounds = Fraction(1), 0
    while apart >= need and rounding.count > 1:
        apart *= contraction(rounding.count)
        rounds += 1
    return rounds


def average(me: int, count: int, view: View) -> Point:
    """Return the point that process `me` goes to.

    The sum of weights grows by the same factor for all views, so that weights stay integers.
    """
    seen = {p: point for p, point in enumerate(view) if isinstance(point, tuple)}
    if count == 2:  # noqa: PLR2004
        factors = dict.fromkeys(seen, 3) if len(seen) == 1 else {me: 1, 1 - me: 2}
    else:
        taken = [p for p in seen if p != me or len(seen) < count] or [me]
        factors = dict.fromkeys(taken, lcm(*range(1, count)) // len(taken))
    weights: dict[int, int] = {}
    for p, factor in factors.items():
        for vertex, weight in seen[p]:
            weights[vertex] = weights.get(vertex, 0) + factor * weight
    return tuple(sorted(weights.items()))


@dataclass(frozen=True, slots=True)
class Averaging:
    """The program: `rounds` rounds of `communication` and averaging, then rounding."""

    rounding: Rounding
    rounds: int
    communication: str

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """Run one process; see `agreement.memory.Program`."""
        point: Point = ((value, 1),)
        for array in range(self.rounds):
            point = average(
                me,
                count,
                (yield from COMMUNICATION_MODELS[self.communication](me, count, array, point)),
            )
        return self.rounding(point)

    def __hash__(self) -> int:
        """Return a hash of the fields that are cheap to hash."""
        return hash((self.rounds, self.communication))


def averaging_protocol(
    task: Task, count: int, communication: str = "immediate", rounds: int | None = None
) -> Protocol:
    """Return this protocol for a task whose carriers of up to `count` inputs are dismantlable.

    `rounds` defaults to `proved_rounds`; whether fewer suffice must be checked, for example by
    `subdivision.fewest_rounds`. Raises TaskError if a carrier is not dismantlable, and for
    collects, whose views are not nested.
    """
    check_communication(communication, ("snapshot", "immediate"))
    check_sizes(count, rounds)
    rounding = Rounding(task, count)
    needed = proved_rounds(rounding) if rounds is None else rounds
    program = Averaging(rounding, needed, communication)
    return Protocol("embed, average, round", task, count, communication, needed, program)
