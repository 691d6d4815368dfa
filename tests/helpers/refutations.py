"""Propositional refutations with hints, true and false, and formulas that have models."""

import random
from functools import cache
from itertools import combinations, product
from typing import Any

from pysat.solvers import Cadical195

EIGHT = """p cnf 4 8
1 2 -3 0
-1 -2 3 0
2 3 -4 0
-2 -3 4 0
-1 -3 -4 0
1 3 4 0
-1 2 4 0
1 -2 -4 0
"""
"""From the literature on DRAT: a refutation whose first clause does not follow, but is RAT."""

WITH_RAT = ("-1 0", "d -1 -2 3 0", "d -1 -3 -4 0", "d -1 2 4 0", "2 0", "0")


def text(clauses, variables=None):
    """The formula in DIMACS."""
    clauses = list(clauses)
    if variables is None:
        variables = max((abs(x) for clause in clauses for x in clause), default=0)
    lines = [" ".join(map(str, [*clause, 0])) for clause in clauses]
    return "\n".join([f"p cnf {variables} {len(clauses)}", *lines]) + "\n"


def parsed(dimacs):
    return [tuple(map(int, line.split()[:-1])) for line in dimacs.splitlines()[1:]]


def has_model(clauses):
    """By trying every assignment."""
    variables = sorted({abs(x) for clause in clauses for x in clause})
    return any(
        all(any((x > 0) == signs[abs(x)] for x in clause) for clause in clauses)
        for values in product([False, True], repeat=len(variables))
        for signs in [dict(zip(variables, values, strict=True))]
    )


def refutation(clauses):
    """A solver's refutation in DRAT; None if there is a model."""
    with Cadical195(bootstrap_with=clauses, with_proof=True) as solver:
        return None if solver.solve() else list(solver.get_proof())


SQUARE = text([(1, 2), (1, -2), (-1, 2), (-1, -2)])
CONTRARY = text([(1,), (-1,)])
THREE = text([(1,), (-1,), (2,)])
CHAIN = text([(1,), (-1, 2), (-2, 3), (-3,)])
MODEL = text([(1, 2), (-1, 2)])
"""It has a model: 2 is true."""

TRUE = [
    (CONTRARY, ["3 0 1 2 0"], 1),
    (CONTRARY, ["3 0 2 1 0"], 1),
    (CONTRARY.removesuffix("\n"), ["3 0 1 2 0"], 1),
    (text([()]), ["2 0 1 0"], 1),
    (text([(1,), ()], 3), ["7 0 2 0"], 1),
    (SQUARE, ["5 1 0 1 2 0", "6 0 5 3 4 0"], 2),
    (SQUARE, ["5 1 0 1 2 0", "5 d 1 2 0", "6 0 5 3 4 0"], 2),
    (SQUARE, ["4 d 0", "5 1 0 1 2 0", "5 d 1 0", "5 d 2 0", "9 0 5 3 4 0", "9 d 3 4 0"][:-1], 2),
    (SQUARE, ["5 1 1 0 1 2 0", "6 0 5 3 4 0"], 2),
    (SQUARE, ["5 1 -1 0 -3 3 -4 4 0", "6 1 0 1 2 0", "7 0 6 3 4 0"], 3),
    (CHAIN, ["5 0 1 2 3 4 0"], 1),
    (CHAIN, ["5 2 0 1 2 0", "6 3 0 5 3 0", "7 0 6 4 0"], 3),
    (text([(1, 1), (-1, -1, -1)]), ["3 0 1 2 0"], 1),
    (text([(1, -1), (1,), (-1,)]), ["4 0 2 3 0"], 1),
    (text([(1, 2, -2), (1,), (-1,)]), ["4 0 3 2 0"], 1),
    # A clause on which nothing can be resolved, and one whose resolvents are always true.
    (CONTRARY.replace("cnf 1", "cnf 2"), ["3 2 0 0", "4 0 1 2 0"], 2),
    (text([(1,), (-1,), (-2, -3)]), ["4 2 3 0 0", "5 0 1 2 0"], 2),
    # A resolvent that is true since the hints before say so.
    (text([(2, 3), (-1, 3), (3,), (-3,)]), ["5 1 2 0 1 0", "6 0 3 4 0"], 2),
    # Resolvents that are derived, one or two of them.
    (text([(-1, 2), (2,), (-2,)]), ["4 1 3 0 -1 2 0", "5 0 2 3 0"], 2),
    (text([(-1, 2), (-1, 3), (2,), (3,), (-2,)]), ["6 1 4 0 -1 3 -2 4 0", "7 0 3 5 0"], 2),
    (text([(-1, 2), (-1, 3), (2,), (3,), (-2,)]), ["6 1 4 0 -2 4 -1 3 0", "7 0 3 5 0"], 2),
    (text([(4,), (-1, 2, -4), (2,), (-2,)]), ["5 1 3 0 1 -2 3 0", "6 0 3 4 0"], 2),
]
"""(formula, refutation, the number of clauses that are added)."""


MALFORMED: list[tuple[Any, Any, str]] = [
    # Lines that are no text, words that are no numbers, a 0 where it must not be.
    (CONTRARY, [["3", "0", "1", "2", "0"]], "not text"),
    (CONTRARY, [b"3 0 1 2 0"], "not text"),
    (CONTRARY, [None], "not text"),
    (CONTRARY, [3], "not text"),
    (CONTRARY, "3 0 1 2 0", "no 0 at the end"),
    (CONTRARY, [""], "'' is not a number"),
    (CONTRARY, ["3"], "no 0 at the end"),
    (CONTRARY, ["0"], "the number must be greater than 2"),
    (CONTRARY, ["3 0"], "one 0 must divide"),
    (CONTRARY, ["3 0 1 2"], "no 0 at the end"),
    (CONTRARY, ["3 0 1 2 0 0"], "one 0 must divide"),
    (CONTRARY, ["3 0 0 1 2 0"], "one 0 must divide"),
    (CONTRARY, ["3 0 1 0 2 0"], "one 0 must divide"),
    (CONTRARY, ["3 0 1 2.0 0"], "'2.0' is not a number"),
    (CONTRARY, ["3 0 1 True 0"], "'True' is not a number"),
    (CONTRARY, ["3 0 1 1e0 0"], "'1e0' is not a number"),
    (CONTRARY, ["3 0 1 +2 0"], r"'\+2' is not a number"),
    (CONTRARY, ["3 0 1 02 0"], "'02' is not a number"),
    (CONTRARY, ["3 0 1 2 -0"], "'-0' is not a number"),
    (CONTRARY, ["3 0 1 2 00"], "'00' is not a number"),
    (CONTRARY, ["3 0 1 \u0662 0"], "is not a number"),
    (CONTRARY, ["3 0 1 2_0 0"], "is not a number"),
    (CONTRARY, ["3 0 1  2 0"], "'' is not a number"),
    (CONTRARY, ["3 0 1\t2 0"], "is not a number"),
    (CONTRARY, [" 3 0 1 2 0"], "'' is not a number"),
    (CONTRARY, ["3 0 1 2 0\n"], "is not a number"),
    (CONTRARY, ["3 0 1 2 0 "], "'' is not a number"),
    (CONTRARY, [f"3 {'9' * 19} 0 0", "4 0 1 2 0"], "is not a number"),
    (CONTRARY, ["3 0 1 d 0"], "'d' is not a number"),
    # Numbers of clauses.
    (CONTRARY, ["2 0 1 2 0"], "the number must be greater than 2"),
    (CONTRARY, ["1 1 0 1 0", "3 0 1 2 0"], "the number must be greater than 2"),
    (CONTRARY, ["-3 0 1 2 0"], "the number must be greater than 2"),
    (CONTRARY, ["0 1 0 1 0"], "the number must be greater than 2"),
    (CONTRARY, ["2 d 1 0", "1 1 0 0"], "the number must be greater than 2"),
    (SQUARE, ["6 1 0 1 2 0", "5 0 6 3 4 0"], "the number must be greater than 6"),
    (SQUARE, ["6 1 0 1 2 0", "6 0 6 3 4 0"], "the number must be greater than 6"),
    # Deletions.
    (CONTRARY, ["d 1 0", "3 0 1 2 0"], "'d' is not a number"),
    (CONTRARY, ["2 d"], "no 0 at the end"),
    (CONTRARY, ["0 d"], "a deletion must bear the last number, 2, not .."),
    (CONTRARY, ["d d 0"], "'d' is not a number"),
    (CONTRARY, ["2 d 1"], "no 0 at the end"),
    (CONTRARY, ["1 d 1 0"], "a deletion must bear the last number, 2, not .1"),
    (CONTRARY, ["3 d 1 0"], "a deletion must bear the last number, 2, not .3"),
    (THREE, ["4 d 3 0", "5 0 1 2 0"], "a deletion must bear the last number, 3, not .4"),
    (THREE, ["3 e 3 0", "4 0 1 2 0"], "'e' is not a number"),
    (CONTRARY, ["2 d 3 0"], "cannot delete clause 3"),
    (CONTRARY, ["2 d 0 0"], "cannot delete clause 0"),
    (CONTRARY, ["2 d -1 0"], "cannot delete clause -1"),
    (CONTRARY, ["2 d 1 1 0"], "cannot delete clause 1"),
    (CONTRARY, ["2 d d 0"], "'d' is not a number"),
    (CONTRARY, ["2 d 1 0", "3 0 1 2 0"], "the hint 1 is no clause"),
    (CONTRARY, ["2 d 1 2 0", "3 0 0"], "the empty clause does not follow"),
    (SQUARE, ["5 1 0 1 2 0", "4 d 1 0", "6 0 5 3 4 0"], "must bear the last number, 5, not .4"),
    (SQUARE, ["5 1 0 1 2 0", "5 d 5 0", "6 0 5 3 4 0"], "the hint 5 is no clause"),
    # Hints that say nothing, are no clauses, or come too late.
    (CONTRARY, ["3 0 3 0"], "the hint 3 is no clause"),
    (CONTRARY, ["3 0 99 0"], "the hint 99 is no clause"),
    (CONTRARY, ["3 0 1 1 2 0"], "the hinted clause 1 is true already"),
    (CONTRARY, ["3 0 1 2 2 0"], "the hint 2 comes after a clause"),
    (CONTRARY, ["3 0 1 2 99 0"], "the hint 99 comes after a clause"),
    (CHAIN, ["5 0 2 1 3 4 0"], r"the hinted clause 2 leaves \[-1, 2\]"),
    (CONTRARY, ["3 0 1 2 -1 2 0"], r"the parts for clauses \[1\] are not needed"),
    (CONTRARY, ["3 0 -1 1 2 0"], "the empty clause does not follow"),
    (CONTRARY, ["3 0 1 -2 0"], "the empty clause does not follow"),
    # Parts of RAT.
    (text([(-1, 2), (2,)]), ["3 1 3 0 0"], r"the clause \[1, 3\] does not follow, clause 1 left"),
    (text([(-1, 2), (2,)]), ["3 1 3 0 -2 2 0"], "does not follow, clause 1 left"),
    (text([(-1, 2), (2,)]), ["3 1 3 0 -1 0"], "does not follow, clause 1 left"),
    (
        text([(-1, 2), (2,), (-2,)]),
        ["4 1 3 0 -1 2 -1 2 0", "5 0 2 3 0"],
        "there are two parts for clause 1",
    ),
    (
        text([(-1, 2), (2,), (-2,)]),
        ["4 1 3 0 -1 -1 2 0", "5 0 2 3 0"],
        "there are two parts for clause 1",
    ),
    (text([(-1, 2), (2,)]), ["3 1 3 0 -1 2 -1 2 0"], "there are two parts for clause 1"),
    (text([(-1, 2), (2,)]), ["3 1 3 0 -1 2 -2 0"], r"the parts for clauses \[2\] are not needed"),
    (text([(-1, 2), (2,)]), ["3 1 3 0 -1 2 -9 0"], r"the parts for clauses \[9\] are not needed"),
    (text([(-1, 2), (2,)]), ["3 1 3 0 -1 9 0"], "the hint 9 is no clause"),
    (text([(-1, 2), (2,)]), ["3 1 3 0 -1 2 1 0"], "the hint 1 comes after a clause"),
    (text([(-1, -2)]), ["2 1 2 0 -1 1 0"], r"the parts for clauses \[1\] are not needed"),
    (text([(-2, 3)]), ["2 2 1 0 -1 0"], r"the clause \[2, 1\] does not follow, clause 1 left"),
    (text([(-2, 3)]), ["2 1 2 0 0"], "no empty clause"),
    (
        text([(-1, 2), (2,), (-1, 3)]),
        ["4 1 4 0 -1 2 0"],
        r"the clause \[1, 4\] does not follow, clause 3 left",
    ),
    (
        text([(-1, 2), (-1, 3), (2,)]),
        ["4 1 4 0 -1 3 -2 3 0"],
        "the hinted clause 3 leaves|does not follow, clause 2 left",
    ),
    # The end.
    (CONTRARY, [], "no empty clause"),
    (CONTRARY, ["3 1 0 1 0"], "no empty clause"),
    (CONTRARY, ["3 0 1 2 0", "4 0 1 2 0"], "comes after the empty clause"),
    (CONTRARY, ["3 0 1 2 0", "3 d 1 0"], "comes after the empty clause"),
    (CONTRARY, ["3 0 1 2 0", ""], "comes after the empty clause"),
    # Formulas.
    (None, ["3 0 1 2 0"], "the formula is not text, but NoneType"),
    (CONTRARY.encode(), ["3 0 1 2 0"], "the formula is not text, but bytes"),
    ("", ["1 0 0"], "malformed header ''"),
    ("1 0\n-1 0\n", ["3 0 1 2 0"], "malformed header '1 0'"),
    ("p cnf 1\n1 0\n-1 0\n", ["3 0 1 2 0"], "malformed header"),
    ("p cnf 1 2 3\n1 0\n-1 0\n", ["3 0 1 2 0"], "malformed header"),
    ("p cnf 1 \u0662\n1 0\n-1 0\n", ["3 0 1 2 0"], "malformed header"),
    ("p cnf -1 2\n1 0\n-1 0\n", ["3 0 1 2 0"], "malformed header"),
    (" p cnf 1 2\n1 0\n-1 0\n", ["3 0 1 2 0"], "malformed header"),
    ("c a comment\np cnf 1 2\n1 0\n-1 0\n", ["3 0 1 2 0"], "malformed header"),
    ("p cnf 1 3\n1 0\n-1 0\n", ["4 0 1 2 0"], "the header says 3 clauses, but there are 2"),
    ("p cnf 1 1\n1 0\n-1 0\n", ["3 0 1 2 0"], "the header says 1 clauses, but there are 2"),
    ("p cnf 1 0\n", ["1 0 0"], "the empty clause does not follow"),
    ("p cnf 1 2\n1 0\n-1 0\n\n", ["3 0 1 2 0"], "the header says 2 clauses, but there are 3"),
    ("p cnf 1 2\n1 0 -1 0\n1 0\n", ["3 0 1 2 0"], "0 is not a literal of 1 variables"),
    ("p cnf 1 1\n0 0\n", ["2 0 1 1 0"], "0 is not a literal of 1 variables"),
    ("p cnf 1 2\n1 0\n-2 0\n", ["3 0 1 2 0"], "-2 is not a literal of 1 variables"),
    ("p cnf 1 2\n1 0\n2 0\n", ["3 0 1 2 0"], "2 is not a literal of 1 variables"),
    ("p cnf 1 3\n1 0\n-1 0\n2 0\n", ["4 0 1 2 0"], "2 is not a literal of 1 variables"),
    ("p cnf 1 2\n1 0\n-1\n", ["3 0 1 2 0"], "no 0 at the end"),
    ("p cnf 1 2\n1 0\n-1.0 0\n", ["3 0 1 2 0"], "'-1.0' is not a number"),
    ("p cnf 1 2\r\n1 0\r\n-1 0\r\n", ["3 0 1 2 0"], "malformed header"),
    ("p cnf 1 2\n1 0\x0b-1 0\n", ["3 0 1 2 0"], "the header says 2 clauses, but there are 1"),
]
"""(formula, lines, words of the refusal): each breaks one rule of the format or of a step."""


def hinted(rng, clauses, known):
    """A random line that may add a clause."""
    number = max(known) + rng.randint(1, 2)
    literals = [rng.choice((1, -1)) * rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
    hints = [rng.choice(sorted(known)) for _ in range(rng.randint(0, 3))]
    if literals and rng.random() < 0.5:
        for other in rng.sample(sorted(known), min(2, len(known))):
            hints += [-other, *(rng.choice(sorted(known)) for _ in range(rng.randint(0, 2)))]
    return number, " ".join(map(str, [number, *literals, 0, *hints, 0]))


def random_refutation(rng):
    """A random formula of three variables, and random lines."""
    clauses = [
        tuple(rng.choice((1, -1)) * rng.randint(1, 3) for _ in range(rng.randint(1, 2)))
        for _ in range(rng.randint(1, 6))
    ]
    known = set(range(1, len(clauses) + 1))
    lines = []
    for _ in range(rng.randint(1, 3)):
        number, line = hinted(rng, clauses, known)
        lines.append(line)
        known.add(number)
    known_list = sorted(known)
    hints = [rng.choice(known_list) for _ in range(rng.randint(1, 3))]
    lines.append(" ".join(map(str, [known_list[-1] + 1, 0, *hints, 0])))
    return clauses, lines


@cache
def weakened():
    """Refutations of formulas that have no model, for the formulas with a clause more general.

    A literal is added to one clause, so that there is a model; the hints are as before.
    """
    found = []
    for dimacs, lines, _ in [*TRUE, *solved()]:
        clauses = parsed(dimacs)
        for i, clause in enumerate(clauses):
            for literal in (1, -1, 2, -2, 3, -3, 4, -4, 9):
                wider = [*clauses[:i], (*clause, literal), *clauses[i + 1 :]]
                if has_model(wider):
                    found.append((text(wider), lines))
    return found


@cache
def solved():
    """Some formulas of three variables without models, and their refutations with hints."""
    from ttkem.verification.sat.backward import with_hints  # noqa: PLC0415 - the tests of hints use text only

    rng = random.Random(3)
    every = [
        tuple(s * v for s, v in zip(signs, some, strict=True))
        for size in (1, 2, 3)
        for some in combinations(range(1, 4), size)
        for signs in product((1, -1), repeat=size)
    ]
    found = []
    while len(found) < 40:
        clauses = rng.sample(every, rng.randint(6, 10))
        drat = refutation(clauses)
        if drat is not None:
            lines = with_hints(text(clauses), drat)
            found.append((text(clauses), lines, sum(" d " not in line for line in lines)))
    return found
