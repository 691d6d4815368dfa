"""Every change to the finder of hints is noticed, though no answer of it is trusted.

What it gives must be accepted by the checker of hints, be as short as it is here, and be refused
where nothing follows.
"""

from drat_refutations import MALFORMED, SOLVED, TRUE, WRONG
from mutation import survivors

from proofs.sat import backward
from proofs.sat.hints import HintError, check_hints

EQUIVALENT = {}


def refuses(module, dimacs, drat):
    try:
        module.with_hints(dimacs, drat)
    except HintError:
        return True
    return False


def kills(module):
    for dimacs, drat, lines in TRUE:
        assert module.with_hints(dimacs, drat) == lines
    for dimacs, drat, *_ in (*MALFORMED, *WRONG):
        assert refuses(module, dimacs, drat)
    for dimacs, drat in SOLVED():
        lines = module.with_hints(dimacs, drat)
        assert check_hints(dimacs, lines) <= len(drat)


def test_no_mutant_of_the_finder_is_alive():
    assert survivors(backward, kills, equivalent=EQUIVALENT) == []
