"""Distances at least double in each round, and outputs of the last round fit together.

The notation is that of `agreement.extension.adversary`. A distance D changes by at most 1 between
neighbours in K(t). A state v of K(t + 1) gets D'(v), the sum of the least and the greatest D in its
carrier. A carrier is a simplex, so that all D in it are in {i, i + 1} for some i.

* *From one round to the next*: D' of states with nested carriers differs by at most 1. D' is 0
  where the carrier has D = 0, and D' >= 2 d where the carrier has D >= d. So paths between two
  regions become at least twice as long.
* *Sums*: if P(y, .) + P(z, .) >= m on K(t), then the sum is at least 2 m on K(t + 1). After L
  rounds it is at least 2^L >= 2 L.
* *The last round*: neighbours output the same value, or consecutive values of one path of at most
  L steps.
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
    """Return the lemmas on D'; `nested` says whether carriers are assumed to be nested."""
    new, new2 = low + high, low2 + high2
    step = z3.And(new - new2 <= 1, new2 - new <= 1)
    return [
        Lemma("from one round to the next", SIMPLEX | (NESTED if nested else {}), step),
        Lemma("in the region", SIMPLEX | {"all in it": high == 0}, new == 0),
        Lemma("far away", SIMPLEX | {"all far": low >= d}, new >= 2 * d),
    ]


def sums() -> Lemma:
    """Return the lemma that the least sum of two distances doubles.

    low and high are the least and greatest P(y, .) in a carrier, low2 and high2 those of P(z, .).
    """
    at_low, at_low2, least = z3.Ints("z_at_low y_at_low2 least")
    given = {
        "where y is least": z3.And(at_low <= high2, low + at_low >= least),
        "where z is least": z3.And(at_low2 <= high, low2 + at_low2 >= least),
    }
    return Lemma("sums", given, low + high + low2 + high2 >= 2 * least)


def last_round(times: int = 2) -> Lemma:
    """Return the lemma on two neighbours and two values, with P(y, .) + P(z, .) >= `times` L."""
    y1, y2, z1, z2, rounds, path_y, path_z = z3.Ints("y1 y2 z1 z2 L path_y path_z")
    given = {
        "steps": z3.And(y1 >= 0, y2 >= 0, z1 >= 0, z2 >= 0),
        "paths": z3.And(path_y >= 1, path_y <= rounds, path_z >= 1, path_z <= rounds),
        "by one": z3.And(y1 - y2 <= 1, y2 - y1 <= 1, z1 - z2 <= 1, z2 - z1 <= 1),
        "sums": z3.And(y1 + z1 >= times * rounds, y2 + z2 >= times * rounds),
    }
    place = [z3.If(steps < path_y, steps, path_y) for steps in (y1, y2)]
    one_path = z3.Implies(y1 < path_y, z3.And(z1 >= path_z, z2 >= path_z))
    near = z3.And(place[0] - place[1] <= 1, place[1] - place[0] <= 1)
    return Lemma("the last round", given, z3.And(one_path, near))


def fault(problem: Problem) -> str:
    """Return what is wrong with the paths between values of a problem, or the empty string."""
    for start, end in product(problem.values, repeat=2):
        path = problem.route(start, end)
        if (path[0], path[-1]) != (start, end):
            return f"the path from {start} to {end} is {path}"
        if any(problem.objection(pair) for pair in pairwise(path)):
            return f"neighbours on {path} must not be output together"
        for size in range(1, problem.count + 1):
            for inputs in map(frozenset, combinations(problem.values, size)):
                allowed = problem.allowed(inputs)
                if end in inputs and start in allowed and not allowed.issuperset(path):
                    return f"{path} is not allowed for the inputs {set(inputs)}"
    return ""


def _check(tick: Tick) -> Finding:
    tasks: list[Problem] = [SetAgreement(3, 2), SetAgreement(4, 3)]
    tasks += [OnGraph(3, Task(cycle(4), validity)) for validity in VALIDITIES]
    for problem in tasks:
        tick(problem.name)
        if wrong := fault(problem):
            return refuted(wrong)
    return prove_all([*doubling(), sums(), last_round()], tick)


def _refute(tick: Tick) -> Finding:
    return prove_all([*doubling(), sums(), last_round(times=1)], tick)


CLAIM = Claim(
    name="extension-distances",
    statement="a round at least doubles the distance of disjoint regions; if such distances are at "
    "least twice the longest path L, any two neighbours may output together what they output in "
    "the last round of the adversarial protocol",
    source="own proof [D]; agreement.extension.adversary",
    bound="by Z3: one round and one pair of neighbours, every number of processes and outputs; "
    "that L rounds give 2^L >= 2 L: by the argument in the file; paths: set agreement for n = 3 "
    "and 4, and C4 for n = 3",
    check=_check,
    twin="regions are only as far apart as the longest path is long",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over rounds, in the file; that neighbours have nested carriers",
)
