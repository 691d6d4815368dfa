"""Refutations in DRAT, and the hints that must be found for them, worked out by hand."""

import random
from contextlib import suppress
from functools import cache
from itertools import combinations, product
from typing import Any

from pysat.examples.genhard import PHP
from refutations import CHAIN, CONTRARY, EIGHT, SQUARE, WITH_RAT, refutation, text

from ttkem.verification.sat.hints import HintError

TRUE = [
    # By units alone: in the order in which they are true.
    (CONTRARY, ["0"], ["3 0 1 2 0"]),
    (CONTRARY.removesuffix("\n"), ("0",), ["3 0 1 2 0"]),
    (text([()]), ["0"], ["2 0 1 0"]),
    (text([(2,), ()]), ["0"], ["3 0 2 0"]),
    (text([(1, 1), (-1, -1)]), ["0"], ["3 0 1 2 0"]),
    (CHAIN, ["0"], ["5 0 1 4 2 3 0"]),
    # Clauses that nothing needs are left out, and so are those that are always true.
    (CONTRARY, ["1 0", "0"], ["4 0 1 2 0"]),
    (CONTRARY, ["5 -5 0", "0"], ["3 0 1 2 0"]),
    (CONTRARY, ["5 0", "-7 8 0", "0"], ["5 0 1 2 0"]),
    (SQUARE, ["1 0", "0"], ["5 1 0 1 2 0", "6 0 5 3 4 0"]),
    (SQUARE, ["1 1 0", "0"], ["5 1 0 1 2 0", "6 0 5 3 4 0"]),
    (SQUARE, ["-1 0", "0"], ["5 -1 0 3 4 0", "6 0 5 1 2 0"]),
    # Deletions: of what is there, once each, in any order of the literals, the last added first.
    (SQUARE, ["1 0", "d 2 1 0", "0"], ["5 1 0 1 2 0", "5 d 1 0", "6 0 5 3 4 0"]),
    (SQUARE, ["d 5 6 0", "1 0", "0"], ["5 1 0 1 2 0", "6 0 5 3 4 0"]),
    (SQUARE, ["1 2 0", "d 1 2 0", "1 0", "0"], ["6 1 0 1 2 0", "7 0 6 3 4 0"]),
    (SQUARE, ["1 0", "0", "d 1 0", "d 1 2 0"], ["5 1 0 1 2 0", "6 0 5 3 4 0"]),
    (
        text([(1, 2), (1, -2), (-1, 3), (-3, 4), (-3, -4)]),
        ["1 0", "3 0", "d 1 0", "0"],
        ["6 1 0 1 2 0", "7 3 0 6 3 0", "7 d 6 0", "8 0 7 4 5 0"],
    ),
    (text([(1,), (-1,), (1,)]), ["d 1 0", "0"], ["3 d 3 0", "4 0 1 2 0"]),
]
"""(formula, refutation, the same with hints)."""

DERIVED = [
    # RAT: by a clause that is there, by propagation, with resolvents always true, with deletions.
    ([(-1, 2), (2,)], (), (1, 3), [-1, 2]),
    ([(-1, -2)], (), (1, 2), []),
    ([(-1, 2), (2,), (-1, 5)], (3,), (1, 3), [-1, 2]),
    ([(-1, 3, 4), (4, 5), (4, -5)], (), (1, 3), [-1, 2, 3]),
    ([(-1, 2), (2,), (-1, -3)], (), (1, 3), [-1, 2]),
    # RUP after a conflict in another clause that watches the same literal, now deleted.
    ([(1, 2), (1, 3), (-2,), (-3, 4), (-3, -4)], (), (1,), [3, 1]),
    ([(1, 2), (1, 3), (-2,), (-3, 4), (-3, -4)], (1,), (1,), [2, 4, 5]),
]
"""(clauses, those that are deleted, a clause, the hints for it)."""


def derived(propagation, clauses, deleted, clause):
    """The hints for a clause, found twice: once among all clauses, then without the deleted."""
    for other in clauses:
        propagation.add(other)
    number = propagation.add(clause)
    propagation.active[number] = False
    for other in deleted:
        with suppress(HintError):
            propagation.derive(number)
        propagation.active[other] = False
    first = propagation.derive(number)
    assert propagation.derive(number) == first
    return first


WRONG: list[Any] = [
    # Nothing follows, or no longer.
    (text([(1, 2), (-1, 2)]), ["0"], "the empty clause does not follow"),
    (text([]), ["0"], "the empty clause does not follow"),
    (CONTRARY, ["d 1 0", "0"], "the empty clause does not follow"),
    (SQUARE, ["0"], "the empty clause does not follow"),
    (SQUARE, ["d 1 2 0", "1 0", "0"], r"the clause \[1\] does not follow, clause 3 left"),
    (SQUARE, ["1 0", "d 1 0", "0"], "the empty clause does not follow"),
    (text([(1, 2), (1, -2)]), ["-1 0", "0"], r"the clause \[-1\] does not follow, clause 1 left"),
    (text([(), (1,)]), ["d 0", "0"], "the empty clause does not follow"),
]

MALFORMED: list[Any] = [
    (None, ["0"], "the formula is not text, but NoneType"),
    (CONTRARY.encode(), ["0"], "the formula is not text, but bytes"),
    (CONTRARY, [], "no empty clause"),
    (CONTRARY, ["1 0"], "no empty clause"),
    (CONTRARY, [["0"]], "malformed line"),
    (CONTRARY, [None], "malformed line"),
    (CONTRARY, [b"0"], "malformed line"),
    (CONTRARY, [""], "malformed line ''"),
    (CONTRARY, ["0 0"], "malformed line '0 0'"),
    (CONTRARY, ["1 0 0"], "malformed line"),
    (CONTRARY, ["1"], "malformed line '1'"),
    (CONTRARY, ["1 0", "d 1", "0"], "malformed line '1'"),
    (CONTRARY, ["d1 0", "0"], "malformed line 'd1 0'"),
    (CONTRARY, ["d d 1 0", "0"], "malformed line 'd 1 0'"),
    (CONTRARY, ["1.0 0", "0"], "malformed line"),
    (CONTRARY, ["True 0", "0"], "malformed line"),
    (CONTRARY, ["01 0", "0"], "malformed line"),
    (CONTRARY, ["+1 0", "0"], "malformed line"),
    (CONTRARY, ["\u0661 0", "0"], "malformed line"),
    (CONTRARY, ["1  0", "0"], "malformed line"),
    (CONTRARY, ["0\n"], "malformed line"),
    (CONTRARY, ["0", "1 0"], "the line '1 0' comes after the empty clause"),
    (CONTRARY, ["0", "0"], "the line '0' comes after the empty clause"),
    (CONTRARY, ["0", "d 1 0", "2 0"], "the line '2 0' comes after the empty clause"),
    (CONTRARY, ["0", "d 1"], "malformed line"),
    (CONTRARY, ["0", "d x 0"], "malformed line"),
    ("p cnf 1 2\n1 0 -1 0\n-1 0\n", ["0"], "malformed line '1 0 -1 0'"),
]


@cache
def SOLVED():  # noqa: N802 - a table, made when it is first used
    """Formulas without models, and a solver's refutations."""
    rng = random.Random(4)
    every = [
        tuple(s * v for s, v in zip(signs, some, strict=True))
        for size in (1, 2, 3)
        for some in combinations(range(1, 5), size)
        for signs in product((1, -1), repeat=size)
    ]
    pigeons = PHP(nof_holes=3).clauses
    found = [(EIGHT, WITH_RAT), (text(pigeons), tuple(refutation(pigeons)))]
    while len(found) < 60:
        clauses = rng.sample(every, rng.randint(8, 16))
        drat = refutation(clauses)
        if drat is not None:
            found.append((text(clauses), tuple(drat)))
    return found
