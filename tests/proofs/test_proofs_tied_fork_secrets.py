"""The ghost state of `fork-secrets` is that of runs of the symbolic model.

The system has the transitions of `safe-not-derivable`, whose premises and effects are tied to runs
by other tests; here are the effects on its own symbols, histories and where secrets were sampled.
"""

from functools import cache

import numpy as np
import pytest
from game_runs import NAMES, SCRIPT, SITUATIONS, wild_steps
from refined import AT_LEAST, Refined
from refined import WHERE as PARTIAL
from under_approximations import Step, Tied

from proofs.fork_secrets import system
from proofs.treekem.operations import OPERATIONS
from ttkem.adversary import SymbolicGame

SYSTEM = system()
WHERE = {
    name: lambda s, *of, relation=relation: getattr(s, relation)(*of)
    for name, relation in PARTIAL.items()
}
WHERE["sampled_in"] = lambda s, x: s.sampled(x)
TIED = Tied(SYSTEM, WHERE, AT_LEAST)


def with_ghosts(observed):
    """Return the steps of a run, with histories from the ledger's parents and secrets by age."""
    found, where = [], None
    for step in observed:
        if step.transition not in SYSTEM.transitions:
            continue
        if where is None:
            where = np.zeros(step.sizes["Secret"], int)
        before = {"follows": _histories(step.tables), "sampled_in": where}
        if step.transition in OPERATIONS:
            new = step.after["sampled"] & ~step.tables["sampled"]
            where = np.where(new, step.tables["op?"], where)
        after = {"follows": _histories(step.after), "sampled_in": where}
        tables, then = {**step.tables, **before}, {**step.after, **after}
        found.append(Step(step.transition, step.sizes, tables, then))
    return found


def _histories(tables):
    follows = np.diag(tables["made"])
    for _ in tables["made"]:
        follows = follows | (tables["parent"].astype(int) @ follows.T.astype(int) > 0).T
    return follows


def observed(runs):
    found = []
    for names, played in runs:
        refined = Refined(SymbolicGame(names), played)
        assert refined.failures()[0] == []
        found.append(with_ghosts(refined.observed))
    return found


@cache
def steps():
    scripts = [(NAMES, SCRIPT), *((NAMES, each) for each in SITUATIONS.values())]
    return observed([*scripts, *(wild_steps(seed, 4, 40) for seed in range(3))])


def test_runs_are_runs_of_the_system():
    (run,) = observed(((NAMES, SCRIPT),))
    assert list(TIED.failures(run, share=10)) == []
    assert {step.transition for step in run} == set(SYSTEM.transitions)


@pytest.mark.thorough
def test_many_runs_are_runs_of_the_system():
    for run in steps():
        assert list(TIED.failures(run)) == []


@pytest.mark.sample(4)
@pytest.mark.parametrize("transition", OPERATIONS)
def test_no_effect_on_a_ghost_is_smaller(transition):
    ghosts = [
        mutant
        for mutant in TIED.mutants(transition)
        if mutant.name.startswith(("effect on follows", "effect on sampled_in"))
    ]
    assert len(ghosts) > 5
    together = [step for run in steps() for step in run]
    assert list(TIED.alive(transition, together, mutants=ghosts)) == []
