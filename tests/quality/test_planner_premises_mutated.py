"""Every change to the check of a planner's premises is noticed."""

from functools import cache

import pytest
from broken_planners import PLANNERS
from mutation import survivors
from premise_formulas import cases, compared

from ttkem.testing import planner_premises
from ttkem.testing.planner_calls import CheckedPlanner
from ttkem.testing.planner_premises import broken_premises

EQUIVALENT = {
    "_of_chains: if len(nodes) != len(set(nodes)):: != to >": (
        "a list is never shorter than the set of its items"
    ),
    "_of_refreshed: if change.kind in (Kind.UPDATE, Kind.REMOVE):: condition is True": (
        "a new member taints nothing, and there are no taints before a create"
    ),
    '_nodes: return f"node {words} is" if len(ordered) == 1 else f"nodes {words} are": == to <=': (
        "nodes are named only where there are some"
    ),
}


@cache
def corpus():
    """Operations of all planners with what they break; tables are made once."""
    found = []
    for name, plan in PLANNERS.items():
        for case in cases(CheckedPlanner(plan, name), 5, 7):
            said, true = compared(broken_premises, *case)
            assert said == true
            broken = broken_premises(*case)
            found.append((case, [(each.premise.name, each.found) for each in broken]))
    return found


def kills(module):
    for case, broken in corpus():
        now = module.broken_premises(*case)
        assert [(each.premise.name, each.found) for each in now] == broken
        assert module.fingerprint(case[0]) == planner_premises.fingerprint(case[0])


@pytest.mark.parametrize(
    "share", [slice(0, None, 9), pytest.param(slice(None), marks=pytest.mark.slow)]
)
def test_no_mutant_of_the_checks_is_alive(share):
    assert survivors(planner_premises, kills, share=share, equivalent=EQUIVALENT) == []
