"""Mutants of the second checker: each accepts a false certificate or refuses a true one."""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
import second_checker_trials as trials
from mutation import Runaway, survivors
from second_checker_mutants import EQUIVALENT
from small_certificates import cycle

from agreement.solve import second_checker

NAME = second_checker.__name__
ORDER = (
    "shapes", "document", "carriers", "views", "propagation",
    "dismantling", "obstruction", "refutations", "runs", "package",
)  # fmt: skip
"""Each module after those that it imports; the package itself imports all."""


def full_name(name):
    return NAME if name == "package" else f"{NAME}.{name}"


MODULES = {name: importlib.import_module(full_name(name)) for name in ORDER}

SHARES = [240, pytest.param(60, marks=pytest.mark.thorough)]
"""One mutant of so many is tried outside the campaign; each run tries the same ones."""
STEP = 4
"""In a slow run all are tried, in so many shares."""
MOST_BITS = 200
"""Far more than a graph has vertices."""


def kills(loaded):
    """Put the module in place, load anew those that come after it, and try everything."""
    name = loaded.__name__.removeprefix(f"{NAME}.").replace(NAME, "package")
    after = [full_name(it) for it in ORDER[ORDER.index(name) :]]
    before = {it: sys.modules.pop(it) for it in {*after, NAME}}
    with patch.object(MODULES["carriers"], "bits", _that_end(MODULES["carriers"].bits)):
        if hasattr(loaded, "bits"):
            loaded.bits = _that_end(loaded.bits)
        try:
            sys.modules[loaded.__name__] = loaded
            importlib.import_module(NAME)
            modules = {it: sys.modules[full_name(it)] for it in ORDER}
            # Carriers of large graphs take most steps, and so do their mutants that never end.
            put_to_trial(modules, large=name != "carriers")
        finally:
            sys.modules.update(before)


def _that_end(bits):
    """Return `bits` with an end, for it yields ever larger numbers if a mutant passes -1.

    The limit on the steps would stop that as well, but only when the numbers have millions of bits.
    """

    def bounded(members):
        for v in bits(members):
            if v > MOST_BITS:
                raise Runaway(f"there is no vertex {v}")
            yield v

    return bounded


def put_to_trial(modules, *, large):
    """Put the checker through all trials, the cheapest and sharpest first."""
    trials.limits_are_those_of_the_format(modules)
    for limit in trials.NEEDED:
        trials.a_limit_is_the_last_number_allowed(modules, *limit)
    trials.true_ones_are_accepted(modules, large=large)
    trials.false_ones_are_refused(modules, large=large)
    for edges in (cycle(5), trials.K23):
        trials.carriers_are_those_of_the_definition(modules, 5, edges)
    for seed in range(6):
        trials.propagation_agrees_with_scanning(modules, seed, times=20)
        trials.propagation_over_long_clauses(modules, seed)
    trials.ordered_partitions_are_all_and_each_once(modules, 4, 75)
    trials.views_occur_together_as_in_the_complex(modules, 2, 3, 1)
    trials.views_occur_together_as_in_the_complex(modules, 1, 3, 2)
    trials.states_after_a_round_are_limited(modules)
    with tempfile.TemporaryDirectory() as folder:
        trials.files_are_checked_one_by_one(modules, Path(folder))


def test_every_module_is_mutated():
    found = {each.name for each in pkgutil.iter_modules(second_checker.__path__)}
    assert {*ORDER, "__main__"} == {*found, "package"}
    assert EQUIVALENT.keys() <= {*ORDER}


@pytest.mark.parametrize("step", SHARES)
@pytest.mark.parametrize("name", ORDER)
def test_a_share_of_the_mutants_dies(name, step):
    share, equivalent = slice(5, None, step), EQUIVALENT.get(name)
    assert survivors(MODULES[name], kills, share=share, equivalent=equivalent) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(STEP))
@pytest.mark.parametrize("name", ORDER)
def test_every_mutant_dies(name, start):
    share, equivalent = slice(start, None, STEP), EQUIVALENT.get(name)
    assert survivors(MODULES[name], kills, share=share, equivalent=equivalent) == []
