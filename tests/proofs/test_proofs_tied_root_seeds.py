"""The system of `root-seed-sink` is tied to the symbolic model, by runs and by mutants."""

from dataclasses import replace
from functools import cache

import pytest
from game_runs import NAMES, SCRIPT, wild_steps
from root_seed_runs import AT_LEAST, SYSTEM, WHERE, root_seed_steps
from under_approximations import Tied
from z3 import Implies

from agreement.verdict import Verdict
from proofs.root_seed_sink import Vertex
from ttkem.adversary import Create, SymbolicGame, Update
from ttkem.verification.induction import induct
from ttkem.verification.system import every

TIED = Tied(SYSTEM, WHERE, AT_LEAST)


def facts(s):
    return {
        "edges lead to sampled secrets": every(
            (Vertex, Vertex), lambda x, y: Implies(s.edge(x, y), s.sampled(y))
        )
    }


@cache
def steps():
    runs = [root_seed_steps(NAMES, SCRIPT, free=free) for free in ("first", "crossed", "never")]
    runs += [root_seed_steps(NAMES, SCRIPT, free="root")]
    runs += [root_seed_steps(("ann",), (Create("ann", 0, ()),))]
    runs += [root_seed_steps(*wild_steps(seed, 4, 40)) for seed in (1, 2)]
    return [step for run in runs for step in run]


def test_runs_are_runs_of_the_system():
    assert list(TIED.failures(steps(), facts)) == []
    assert {step.transition for step in steps()} == set(SYSTEM.transitions)


class UnderItsSeed(SymbolicGame):
    """An update gives its new root seed to whoever has the one before."""

    __slots__ = ()

    def _make(self, step):
        now = self.states[step.who].now
        made = super()._make(step)
        if isinstance(step, Update):
            old = self.operations[now.op].view
            (former,) = self.graph.sources[old.keys[(1 << old.depth) - 1]]
            (seed,) = self.graph.sources[made.view.keys[(1 << made.view.depth) - 1]]
            self.graph.sources[seed] += (former,)
        return made


class FromTheGroupKey(SymbolicGame):
    """The group key is the root's secret key."""

    __slots__ = ()

    def _make(self, step):
        made = super()._make(step)
        return replace(made, group_key=made.view.keys[(1 << made.view.depth) - 1])


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (UnderItsSeed, "make: effect on edge"),
        (UnderItsSeed, "make: a root seed gives its own keys only"),
        (FromTheGroupKey, "make: premise fresh"),
    ],
)
def test_a_model_with_a_seeded_bug_is_none(kind, failure):
    found = [each.partition(" ")[2] for each in TIED.failures(root_seed_steps(NAMES, SCRIPT, kind))]
    assert failure in found


@pytest.mark.thorough
@pytest.mark.parametrize("transition", SYSTEM.transitions)
def test_no_formula_allows_less(transition):
    assert list(TIED.alive(transition, steps(), facts)) == []


@pytest.mark.parametrize("transition", SYSTEM.transitions)
def test_no_formula_allows_less_in_a_share(transition):
    share = [*TIED.mutants(transition)][::20]
    assert list(TIED.alive(transition, steps(), facts, share)) == []


def test_the_fact_that_shows_equivalence_is_inductive():
    both = replace(
        SYSTEM, invariants=lambda s: {**SYSTEM.invariants(s), **facts(s)}, properties=facts
    )
    finding = induct(both, lambda _: None)
    assert finding.verdict is Verdict.HOLDS, finding.shown
