"""Distances at least double with each round, and what the last round outputs fits together.

`agreement.extension.adversary`. D changes by at most 1 between neighbours in K(t); a state v of
K(t + 1) gets D'(v) = the least plus the greatest D in its carrier. A simplex has D in {i, i + 1}.

* *from one to the next*: nested carriers have D' that differ by at most 1; D' = 0 where the carrier
  has D = 0, and D' >= 2 d where it has D >= d: so paths between two regions are twice as long;
* *sums*: if P(y, .) + P(z, .) >= m on K(t), then >= 2 m on K(t + 1): after L rounds 2^L >= 2 L;
* *the last round*: neighbours output the same value or the next one on one way of at most L steps.
"""

from __future__ import annotations

from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

import z3

from agreement.extension import OnGraph, SetAgreement
from agreement.graph import cycle
from agreement.task import VALIDITIES, Task
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, refuted
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from agreement.extension import Problem
    from ttkem.verification.claim import Tick

low, high, low2, high2, d = z3.Ints("low high low2 high2 d")
SIMPLEX = {
    "distances": low >= 0,
    "a simplex": z3.And(low <= high, high <= low + 1, low2 <= high2, high2 <= low2 + 1),
}
NESTED = {"nested": z3.And(low >= low2, high <= high2)}


def doubling(*, nested: bool = True) -> list[Lemma]:
    """Return the lemmas on D'."""
    new, new2 = low + high, low2 + high2
    step = z3.And(new - new2 <= 1, new2 - new <= 1)
    return [
        Lemma("from one to the next", SIMPLEX | (NESTED if nested else {}), step),
        Lemma("in the region", SIMPLEX | {"all in it": high == 0}, new == 0),
        Lemma("far away", SIMPLEX | {"all far": low >= d}, new >= 2 * d),
    ]


def sums() -> Lemma:
    """low, high are of P(y, .), low2, high2 of P(z, .); the least are at some states each."""
    at_low, at_low2, least = z3.Ints("z_at_low y_at_low2 least")
    given = {
        "where y is least": z3.And(at_low <= high2, low + at_low >= least),
        "where z is least": z3.And(at_low2 <= high, low2 + at_low2 >= least),
    }
    return Lemma("sums", given, low + high + low2 + high2 >= 2 * least)


def last_round(times: int = 2) -> Lemma:
    """Two neighbours, two values; `times` L is what P(y, .) + P(z, .) is at least."""
    y1, y2, z1, z2, rounds, way, way2 = z3.Ints("y1 y2 z1 z2 L way_y way_z")
    given = {
        "steps": z3.And(y1 >= 0, y2 >= 0, z1 >= 0, z2 >= 0),
        "ways": z3.And(way >= 1, way <= rounds, way2 >= 1, way2 <= rounds),
        "by one": z3.And(y1 - y2 <= 1, y2 - y1 <= 1, z1 - z2 <= 1, z2 - z1 <= 1),
        "sums": z3.And(y1 + z1 >= times * rounds, y2 + z2 >= times * rounds),
    }
    place = [z3.If(steps < way, steps, way) for steps in (y1, y2)]
    one_way = z3.Implies(y1 < way, z3.And(z1 >= way2, z2 >= way2))
    near = z3.And(place[0] - place[1] <= 1, place[1] - place[0] <= 1)
    return Lemma("the last round", given, z3.And(one_way, near))


def ways(problem: Problem) -> str:
    """Return what is wrong with the paths between values of a problem, or the empty string."""
    for start, end in product(problem.values, repeat=2):
        way = problem.route(start, end)
        if (way[0], way[-1]) != (start, end):
            return f"the way from {start} to {end} is {way}"
        if any(problem.objection(pair) for pair in pairwise(way)):
            return f"neighbours on {way} may not be output together"
        for size in range(1, problem.count + 1):
            for inputs in map(frozenset, combinations(problem.values, size)):
                allowed = problem.allowed(inputs)
                if end in inputs and start in allowed and not allowed.issuperset(way):
                    return f"{way} is not allowed to {set(inputs)}"
    return ""


def _check(tick: Tick) -> Finding:
    tasks: list[Problem] = [SetAgreement(3, 2), SetAgreement(4, 3)]
    tasks += [OnGraph(3, Task(cycle(4), validity)) for validity in VALIDITIES]
    for problem in tasks:
        tick(problem.name)
        if wrong := ways(problem):
            return refuted(wrong)
    return prove_all([*doubling(), sums(), last_round()], tick)


def _refute(tick: Tick) -> Finding:
    return prove_all([*doubling(), sums(), last_round(times=1)], tick)


CLAIM = Claim(
    name="extension-distances",
    statement="a round at least doubles the distance of disjoint regions; if such distances are at "
    "least twice the longest path L, what two neighbours output in the last round of the "
    "adversarial protocol fits together",
    source="own proof [D]; agreement.extension.adversary",
    bound="by Z3: one round and one pair of neighbours, every number of processes and outputs; "
    "that L rounds give 2^L >= 2 L: by the argument in the file; paths: set agreement for n = 3 "
    "and 4, and C4 for n = 3",
    check=_check,
    twin="regions are only as far apart as the longest path",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over rounds, in the file; that neighbours have nested carriers",
)
