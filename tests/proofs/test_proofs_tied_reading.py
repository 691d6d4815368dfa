"""The system of `tree-paths` is tied to the symbolic model, by runs and by mutants."""

from dataclasses import replace
from functools import cache

import pytest
from game_runs import NAMES, SCRIPT, SITUATIONS, wild_steps
from read_facts import FACTS
from read_runs import SYSTEM, WHERE, ReadRun
from under_approximations import Tied

from ttkem.adversary import (
    Add,
    Confirm,
    Create,
    Deliver,
    Remove,
    SampleKey,
    SymbolicGame,
    Update,
)

TIED = Tied(SYSTEM, WHERE)
KEYS = tuple(SampleKey(who, key) for key, who in enumerate(("bob", "cat", "dan")))
SCRIPTS = (
    SCRIPT,
    (*KEYS, Create("ann", 0, (0, 1)), Deliver(0, "bob"), Deliver(0, "cat")),
    (
        *KEYS,
        Create("ann", 0, (0, 1, 2)),
        Confirm(0),
        *(Deliver(0, who) for who in ("bob", "cat", "dan")),
        Remove("ann", 1, "bob"),
        Confirm(1),
        Deliver(1, "cat"),
        Update("cat", 2),
        Deliver(1, "dan"),
        Deliver(1, "bob"),
    ),
    (
        *KEYS,
        Create("ann", 0, (0, 1)),
        Confirm(0),
        Deliver(0, "bob"),
        Deliver(0, "cat"),
        Add("ann", 1, 2),
        Confirm(1),
        Deliver(1, "dan"),
        Remove("bob", 2, "cat"),
        Deliver(2, "cat"),
    ),
)
LATE = (*KEYS, Create("ann", 0, (0, 1)), Confirm(0), Deliver(0, "cat"), Deliver(0, "bob"))
LATE = (*LATE, Remove("ann", 1, "bob"), Deliver(1, "bob"))
"""One may be reading yet what another has read, and is removed from, already."""


@cache
def runs(games):
    found = [ReadRun(NAMES, steps) for steps in (*SCRIPTS, *SITUATIONS.values())]
    found += [ReadRun(NAMES, LATE, seed=seed) for seed in range(4)]
    for seed in range(games):
        found.append(ReadRun(*wild_steps(seed, 3 + seed % 2, 30 + 10 * (seed % 4)), seed=seed))
    return found


def steps(games):
    return [step for run in runs(games) for step in run.steps]


def test_reading_step_by_step_is_what_the_system_allows():
    seen = set()
    for run in runs(24)[:8]:
        assert list(TIED.failures(run.steps, FACTS, share=40)) == []
        seen |= {step.transition for step in run.steps}
    assert seen == set(SYSTEM.transitions)


@pytest.mark.thorough
def test_all_clauses_and_facts_hold_in_all_states():
    for run in runs(24):
        assert list(TIED.failures(run.steps, FACTS)) == []


class Behind(SymbolicGame):
    """Decrypts what is under keys that have been replaced."""

    __slots__ = ()

    def _make(self, step):
        made = super()._make(step)
        if isinstance(step, Update):
            old = self.operations[self.states[step.who].now.op].view.keys
            made = replace(made, sent={at: old[at[1]] for at in made.sent})
        return made


class Keeping(SymbolicGame):
    """Whoever goes on keeps the secrets of where it was."""

    __slots__ = ()

    def _deliver(self, made, to):
        kept = self.states[to].now
        super()._deliver(made, to)
        now = self.states[to].now
        if kept is not None and now is not None:
            self.states[to].now = replace(now, secrets={**kept.secrets, **now.secrets})


class Forgetting(SymbolicGame):
    """Whoever confirms keeps other pending operations."""

    __slots__ = ()

    def _do(self, time, step):
        pending = {}
        if isinstance(step, Confirm):
            pending = dict(self.states[self.ledger.made[step.op].author].pending)
            del pending[step.op]
        super()._do(time, step)
        if isinstance(step, Confirm):
            self.states[self.ledger.made[step.op].author].pending.update(pending)


@pytest.mark.parametrize(
    ("kind", "script", "failure"),
    [
        (Behind, (*SCRIPTS[3][:6], Update("ann", 1)), "generate: newest keys"),
        (
            Keeping,
            (*SCRIPTS[3][:6], Remove("ann", 1, "cat"), Confirm(1), Deliver(1, "bob")),
            "finish: effect on holds",
        ),
        (
            Forgetting,
            (*SCRIPTS[3][:5], Update("ann", 1), Update("ann", 2), Confirm(1)),
            "confirm: effect on pending",
        ),
    ],
)
def test_members_with_a_seeded_bug_do_not_read_so(kind, script, failure):
    assert list(TIED.failures(ReadRun(NAMES, script).steps)) == []
    found = [each.partition(" ")[2] for each in TIED.failures(ReadRun(NAMES, script, kind).steps)]
    assert failure in found


_ATOMIC = (
    "a member of the protocol processes a message in one step, and so rejects nothing meanwhile"
)
_HOLDS = "an author in a group, or with a pending state, holds the secrets of its path"
_NEW = "what an operation refreshes has a new secret, and no two nodes of paths have the same"
_BELOW = "a member below a child of a node is below the node"
_MADE = "only operations that are made refresh nodes, and chains start at refreshed nodes"
WRITTEN = {
    "reject: only if not reading(who, some)": _ATOMIC,
    "reject: only if not got(who, some, some)": _ATOMIC,
    "reject: only if will_hold(some, some, some, some)": _HOLDS,
    "generate: only if holds(some, some, some)": _HOLDS,
    "generate: only if holds(author, some, some)": _HOLDS,
    "generate: only if not refreshed(op, some)": _MADE,
    "generate: premise chains: without refreshed?(n.1.0)": _MADE,
    "generate: premise ciphertexts: without under?(m.1.0, n.1.1)": _BELOW,
    **{
        f"{step}: only if not {relation}({who}, {'some, ' * pending}{node}, secret)": _NEW
        for step, nodes in (("open", ("node",)), ("derive", ("node", "below", "some")))
        for relation, pending in (("got", 0), ("holds", 0), ("will_hold", 1))
        for who in ("who", "some")
        for node in nodes
    },
    **{
        f"{step}: only if not will_hold({who}, op, {node}, secret)": _NEW
        for step, node in (("open", "node"), ("derive", "node"), ("derive", "below"))
        for who in ("who", "some")
    },
}
"""Mutants that allow the same runs of the protocol, each with the reason; Z3 shows some too."""


def test_written_reasons_are_of_mutants():
    names = {str(mutant) for step in SYSTEM.transitions for mutant in TIED.mutants(step)}
    assert names >= WRITTEN.keys()


@pytest.mark.slow
@pytest.mark.parametrize("transition", SYSTEM.transitions)
def test_no_formula_allows_less(transition):
    assert set(TIED.alive(transition, steps(24), FACTS)) <= WRITTEN.keys()


@pytest.mark.sample(4)
@pytest.mark.parametrize("transition", SYSTEM.transitions)
def test_no_formula_allows_less_in_a_share(transition):
    share = [*TIED.mutants(transition)][7::60]
    assert set(TIED.alive(transition, steps(24), FACTS, share)) <= WRITTEN.keys()
