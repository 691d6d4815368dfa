"""Embed, average, round: for every graph whose carriers can be dismantled, chordal ones among them.

1. *Embed*: a process's value is a point (see `rounding`), at first its input's corner.
2. *Average*, for some rounds of snapshots: with n >= 3 processes, go to the mean of the values
   seen, or, having seen all n, to the mean of the others'. With two, having seen the other, go to
   one third one's own and two thirds the other's value.
3. *Round* by `Rounding`.

**A round draws values together** [D]. Two new values are means of the same old ones with two
systems of weights; if these have a part of 1 - c in common, the new values differ by at most c
times the greatest difference of old ones, in each weight. Let V, of m processes, be part of W, of
l: the views of a and b. Neither is everybody: the means share m / l >= 1 / (n - 1). W is everybody,
V is not: b takes the n - 1 others; of V's m values these hold all but perhaps b's own, and a's is
among them, so that the means share at least (1 / (n - 1)) max(1, m - 1). Both are everybody: n - 2
of n - 1 shared. So c = (n - 2) / (n - 1) for n >= 3; 1/3 for n = 2.

Corners differ by 1, so after k rounds values differ by at most c^k, and `proved_rounds` is the
least k with c^k < `modulus`. Outputs are valid: the support of a value is a set of inputs seen.
The text of `agreement.protocols.subdivision` tells how few rounds really are enough.
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
    """By how much a round draws the values of `count` processes together."""
    if count <= 2:  # noqa: PLR2004 - the two cases of the text
        return Fraction(count - 1, 3)
    return Fraction(count - 2, count - 1)


def proved_rounds(rounding: Rounding) -> int:
    """The rounds after which the proof says that outputs agree."""
    size = min(rounding.count, rounding.task.graph.order)
    need = modulus(size, size, rounding.longest, rounding.task.graph.diameter)
    apart, rounds = Fraction(1), 0
    while apart >= need and rounding.count > 1:
        apart *= contraction(rounding.count)
        rounds += 1
    return rounds


def average(me: int, count: int, view: View) -> Point:
    """The point that process `me` goes to; weights grow by the same factor for all views."""
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
    """The program: `rounds` rounds of `communication`, then rounding."""

    rounding: Rounding
    rounds: int
    communication: str

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """One process; see `agreement.memory.Program`."""
        point: Point = ((value, 1),)
        for array in range(self.rounds):
            point = average(
                me,
                count,
                (yield from COMMUNICATION_MODELS[self.communication](me, count, array, point)),
            )
        return self.rounding(point)

    def __hash__(self) -> int:
        """By what tells protocols apart; the rounding's steps follow from its task."""
        return hash((self.rounds, self.communication))


def averaging_protocol(
    task: Task, count: int, communication: str = "immediate", rounds: int | None = None
) -> Protocol:
    """For every task whose carriers of up to `count` inputs can be dismantled.

    `rounds` defaults to `proved_rounds`; with fewer, check (`subdivision.fewest_rounds`).
    TaskError if some carrier cannot be dismantled, or for a form with views that are not nested.
    """
    check_communication(communication, ("snapshot", "immediate"))
    check_sizes(count, rounds)
    rounding = Rounding(task, count)
    needed = proved_rounds(rounding) if rounds is None else rounds
    program = Averaging(rounding, needed, communication)
    return Protocol("embed, average, round", task, count, communication, needed, program)
