"""Every change to the finder of hints is noticed, though no answer of it is trusted.

What it gives must be accepted by the checker of hints, be as short as it is here, and be refused
where nothing follows.
"""

from drat_refutations import DERIVED, MALFORMED, SOLVED, TRUE, WRONG, derived
from mutation import survivors

from ttkem.verification.sat import backward
from ttkem.verification.sat.hints import HintError, check_hints

FALSY = "None is as false as 0, and only that is asked"

EQUIVALENT = {
    "with_hints: there = set(range(1, last + 1)): 1 to 0": "there is no clause 0 to delete",
    "_Propagation.__init__: self._done = 0: 0 to 1": "each derivation begins with setting it to 0",
    "_Propagation._propagate_units: return 0: return None": FALSY,
    "_Propagation._propagate: return 0: return None": FALSY,
    "_Propagation._moved: for place in range(2, len(literals)):: 2 to 1": (
        "the literal at place 1 is false, so it is not chosen"
    ),
}


def refuses(module, dimacs, drat):
    try:
        module.with_hints(dimacs, drat)
    except HintError:
        return True
    return False


def kills(module):
    for dimacs, drat, lines in TRUE:
        assert module.with_hints(dimacs, drat) == lines
    for clauses, deleted, clause, hints in DERIVED:
        assert derived(module._Propagation(), clauses, deleted, clause) == hints
    for dimacs, drat, *_ in (*MALFORMED, *WRONG):
        assert refuses(module, dimacs, drat)
    for dimacs, drat in SOLVED():
        lines = module.with_hints(dimacs, drat)
        assert check_hints(dimacs, lines) <= len(drat)


def test_no_mutant_of_the_finder_is_alive():
    assert survivors(backward, kills, equivalent=EQUIVALENT) == []
