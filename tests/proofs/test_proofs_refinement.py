"""The rules that proofs speak of are those of the code: runs of the symbolic model, step by step.

Three texts are compared here, none of which was made from another: the formulas of
:mod:`proofs.treekem.tainted`, the plain rules of :mod:`ttkem.adversary.rules`, which the model
follows, and the windows of :mod:`ttkem.adversary.windows`. That the model does what the real
protocol does is tested in tests/adversary.
"""

from dataclasses import replace

import numpy as np
import pytest
import refined_reading
import z3
from broken_rules import (
    AddsHealToo,
    EndsWhereMade,
    JoinersStartWhereAdded,
    Late,
    NeverTainted,
    StaysTainted,
)
from finite_model import Formula, Table
from game_runs import NAMES, SCRIPT, random_steps
from refined import SYSTEM, Refined

from ttkem.adversary import (
    STRATEGIES,
    Add,
    Confirm,
    Deliver,
    EndCorrupt,
    Remove,
    StartCorrupt,
    SymbolicGame,
    TaintRules,
    Update,
    Windows,
)
from ttkem.adversary.rules import children, path
from ttkem.cgka import Kind
from ttkem.tree.math import direct_path
from ttkem.verification.system import every, some


def test_a_scripted_run_is_one_of_the_system():
    failures, seen = Refined(SymbolicGame(NAMES), SCRIPT).failures()
    assert failures == []
    assert seen == set(SYSTEM.transitions) - {"derive"}


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
@pytest.mark.parametrize("seed", [1, 2])
def test_random_runs_are_runs_of_the_system(strategy, seed):
    members = 3 + 2 * seed
    names, steps = random_steps(strategy, seed, members, 40)
    run = Refined(SymbolicGame(names), steps)
    assert run.failures()[0] == [], f"{strategy} {seed}"
    assert refined_reading.failures(run) == [], f"{strategy} {seed}"


class PathAlone(TaintRules):
    def refreshed(self, now):
        if now.kind is Kind.UPDATE:
            return set(path(now.author, now.depth))
        return super().refreshed(now)


class RootAlone(TaintRules):
    def refreshed(self, now):
        root = (1 << now.depth) - 1
        return {root} if now.kind is Kind.REMOVE else super().refreshed(now)


class CreatorTaintsNothing(TaintRules):
    def taints(self, now, refreshed):
        return {} if now.kind is Kind.CREATE else super().taints(now, refreshed)


class Cleared(TaintRules):
    def taints(self, now, refreshed):
        after = super().taints(now, refreshed)
        return {
            v: by for v, by in after.items() if now.kind is not Kind.UPDATE or v not in refreshed
        }


@pytest.mark.parametrize(
    ("rules", "failure"),
    [
        (NeverTainted, "update: rule taints"),
        (PathAlone, "update: rule taints"),
        (RootAlone, "remove: rule path"),
        (StaysTainted, "update: taint afterwards"),
        (CreatorTaintsNothing, "create: taint afterwards"),
        (Cleared, "update: taint afterwards"),
    ],
)
def test_runs_with_a_seeded_bug_are_none(rules, failure):
    failures, _ = Refined(SymbolicGame(NAMES, rules=rules()), SCRIPT).failures()
    assert failures[0].endswith(failure)


class Lingering(Windows):
    """What is pending and dropped goes on being alive."""

    def _drop(self, time, op):
        pass


@pytest.mark.parametrize(
    ("windows", "steps", "failure"),
    [
        (EndsWhereMade, SCRIPT, "update: alive afterwards"),
        (Lingering, SCRIPT, "reject: alive afterwards"),
        (
            Late,
            (StartCorrupt("bob"), Update("bob", 1), EndCorrupt("bob"), Confirm(1)),
            "confirm: the windows and the formulas differ about safety for op 1",
        ),
        (
            JoinersStartWhereAdded,
            (StartCorrupt("eve"), EndCorrupt("eve"), Add("ann", 1, 4)),
            "add: the windows and the formulas differ about safety for op 1",
        ),
        (
            AddsHealToo,
            (Add("ann", 1, 4), Confirm(1), StartCorrupt("ann")),
            "nothing: the windows and the formulas differ about safety for op 0",
        ),
    ],
)
def test_windows_with_a_seeded_bug_are_none(windows, steps, failure):
    steps = (*SCRIPT[:10], *steps)
    failures, _ = Refined(SymbolicGame(NAMES, windows=windows()), steps).failures()
    assert failures[0].endswith(failure)
    assert Refined(SymbolicGame(NAMES), steps).failures()[0] == []


class Keeping(SymbolicGame):
    """A member who goes on keeps the group key that it had."""

    __slots__ = ()

    def _deliver(self, made, to):
        kept = self.states[to].now
        super()._deliver(made, to)
        now = self.states[to].now
        if kept is not None and now is not None:
            self.states[to].now = replace(now, secrets={**now.secrets, -1: kept.group_key})


class Leaking(SymbolicGame):
    """An update sends its root seed under the leaf key that it replaces."""

    __slots__ = ()

    def _make(self, step):
        old = self.states[step.who].now
        made = super()._make(step)
        if isinstance(step, Update):
            (seed,) = self.graph.sources[made.view.keys[(1 << made.view.depth) - 1]]
            self.graph.sources[seed] += (old.secrets[2 * old.leaf],)
        return made


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (Keeping, "process: the model's states contain something else"),
        (Leaking, "update: the model has another edge"),
    ],
)
def test_a_model_that_keeps_or_sends_more_is_told(kind, failure):
    failures, _ = Refined(kind(NAMES), SCRIPT).failures()
    assert failures[0].endswith(failure)


class Silent(SymbolicGame):
    """One ciphertext of a remove is left out."""

    __slots__ = ()

    def _make(self, step):
        made = super()._make(step)
        if isinstance(step, Remove):
            return replace(made, sent=dict([*made.sent.items()][1:]))
        return made


class Behind(SymbolicGame):
    """An update's ciphertexts go to the keys from before."""

    __slots__ = ()

    def _make(self, step):
        made = super()._make(step)
        if isinstance(step, Update):
            old = self.operations[self.states[step.who].now.op].view.keys
            return replace(made, sent={at: old[at[1]] for at in made.sent})
        return made


class Skipping(TaintRules):
    def refreshed(self, now):
        found = super().refreshed(now)
        return found - {path(now.target, now.depth)[0]} if now.kind is Kind.ADD else found


@pytest.mark.parametrize(
    ("kind", "rules", "length", "failure"),
    [
        (Silent, None, 11, "op 1: rule ciphertexts"),
        (Behind, None, 16, "op 2: the ciphertext of 3 for 5 is under another key than the newest"),
        (SymbolicGame, Skipping(), 16, "op 3: rule new paths are refreshed"),
    ],
)
def test_operations_that_cannot_be_read_are_told(kind, rules, length, failure):
    """Ann updates, bob re-keys her taints, eve is added to a place that was another's."""
    steps = (
        *SCRIPT[:10],
        Remove("cat", 1, "bob"),
        Confirm(1),
        Deliver(1, "ann"),
        Update("ann", 2),
        Confirm(2),
        Add("ann", 3, 4),
    )
    assert refined_reading.failures(Refined(SymbolicGame(NAMES), steps)) == []
    game = kind(NAMES, rules=rules)
    assert failure in refined_reading.failures(Refined(game, steps[:length]))


@pytest.mark.parametrize("depth", range(7))
def test_every_inner_node_of_a_path_has_a_child_on_it(depth):
    """What `tree-paths` trusts, so that nobody is stuck; of the real trees too."""
    for leaf in range(1 << depth):
        for above in (path(leaf, depth), direct_path(2 * leaf, 1 << depth)):
            assert len(above) == depth
            way = {2 * leaf, *above}
            assert all(way & set(children(node)) for node in above)


def test_an_adversary_that_can_do_more_is_told():
    """The old leaf key was shown; it gives the new group key."""
    steps = (*SCRIPT[:10], StartCorrupt("ann"), EndCorrupt("ann"), Update("ann", 1))
    assert Refined(SymbolicGame(NAMES), steps).failures()[0] == []
    failures, _ = Refined(Leaking(NAMES), steps).failures()
    assert "12 update: the model's adversary can derive something else" in failures
    assert failures[-1] == "derive: rule edge"


def test_formulas_are_evaluated_in_tables():
    sort = z3.DeclareSort("Thing")
    less = z3.Function("less", sort, sort, z3.BoolSort())
    least = z3.Const("least", sort)
    sizes = {"Thing": 3}
    tables = {"less": np.tri(3, k=-1, dtype=bool).T, "least": np.asarray(0)}

    def holds(formula):
        return Formula(formula).holds(sizes, tables)

    assert holds(every((sort, sort), lambda a, b: z3.Not(z3.And(less(a, b), less(b, a)))))
    assert not holds(every((sort,), lambda a: some((sort,), lambda b: less(a, b))))
    assert holds(every((sort,), lambda a: z3.Or(less(least, a), a == least)))
    assert holds(some((sort,), lambda a: z3.If(less(least, a), z3.BoolVal(val=True), a != least)))
    assert not holds(z3.And(z3.Distinct(least, least), z3.BoolVal(val=True)))
    table = Table(every((sort, sort), lambda a, b: z3.Implies(less(a, b), a == least)))
    assert table.of(sizes, tables).tolist() == [[True] * 3, [True, True, False], [True] * 3]
