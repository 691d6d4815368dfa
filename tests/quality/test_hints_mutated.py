"""Every change to the checker of hints is noticed."""

import random

from mutation import survivors
from refutations import (
    MALFORMED,
    TRUE,
    has_model,
    random_refutation,
    solved,
    text,
    weakened,
)

from ttkem.verification.sat import hints

ZERO = "a hint 0 would be a part for clause 0, and no part for a clause that is not there is needed"
SENTINEL = "any literal will do: before the first hint, some are left"

EQUIVALENT = {
    "_addition: if rest.count(0) != 1:: != to <": ZERO,
    "_judge: if hint > 0:: > to >=": "no hint is 0",
    "_judge: if hint > 0:: 0 to -1": "no hint is 0",
    "_fails: left: set[int] = {0}: 0 to 1": SENTINEL,
    "_fails: left: set[int] = {0}: 0 to -1": SENTINEL,
}


def refuses(module, dimacs, lines):
    try:
        module.check_hints(dimacs, lines)
    except module.HintError:
        return True
    return False


def kills(module):
    for dimacs, lines, added in TRUE:
        assert module.check_hints(dimacs, lines) == added
    for dimacs, lines, _ in MALFORMED:
        assert refuses(module, dimacs, lines)
    for dimacs, lines, added in solved():
        assert module.check_hints(dimacs, lines) == added
    for dimacs, lines in weakened():
        assert refuses(module, dimacs, lines)
    rng = random.Random(1)
    for _ in range(300):
        clauses, lines = random_refutation(rng)
        assert refuses(module, text(clauses, 3), lines) or not has_model(clauses)


def test_no_mutant_of_the_checker_is_alive():
    assert survivors(hints, kills, equivalent=EQUIVALENT) == []
