"""The systems of `forks` and `equal-transcripts` are tied to real members, by runs and mutants."""

from dataclasses import replace
from functools import cache

import pytest
from game_runs import NAMES, SCRIPT, SITUATIONS, wild_steps
from real_histories import RealHistories
from under_approximations import Tied
from z3 import And, Implies

from agreement.verdict import Verdict
from proofs import equal_transcripts, forks
from proofs.treekem.tainted import Member, Op
from proofs.treekem.transcripts import Transcript, hashed
from ttkem.adversary import Confirm, Deliver, Game, Update
from ttkem.tainted import tainted_treekem
from ttkem.verification.induction import induct
from ttkem.verification.system import every, some

PROOFS = (forks, equal_transcripts)


def somewhere(s, m):
    return some((Transcript,), lambda t: s.at(m, t))


WHERE = {
    **dict.fromkeys(("author", "base", "base_view"), lambda s, q: s.made(q)),
    **dict.fromkeys(("view", "key"), somewhere),
    **dict.fromkeys(("view_of", "key_of"), lambda s, t: s.known(t)),
}
GHOSTS = ("view_of", "key_of", "known")


@cache
def tied(proof):
    return Tied(proof.system(), WHERE, ghosts=GHOSTS)


@cache
def runs(games):
    scripts = [(NAMES, SCRIPT), *((NAMES, steps) for steps in SITUATIONS.values())]
    scripts += [wild_steps(seed, 3 + seed % 3, 60) for seed in range(games)]
    return [RealHistories(forks.system(), tainted_treekem(), *each) for each in scripts]


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.CLAIM.name)
def test_runs_of_real_members_are_runs_of_the_system(proof):
    for run in runs(4):
        assert run.conflicts == run.unchanged == []
        assert list(tied(proof).failures(run.steps)) == []
    seen = {step.transition for run in runs(4) for step in run.steps}
    assert seen == set(proof.system().transitions)


def facts(s):
    return {
        "a member was where it is": every(
            (Member, Transcript), lambda m, t: Implies(s.at(m, t), s.was(m, t))
        ),
        "what is known is the hash of a message": every(
            (Transcript,),
            lambda t: Implies(s.known(t), some((Op,), lambda q: And(s.made(q), hashed(q) == t))),
        ),
    }


def steps():
    return [step for run in runs(6) for step in run.steps]


_NOTHING = "a member in no group leaves nothing, so that leaving changes nothing"
WRITTEN = {
    f"leave: only if {condition}": _NOTHING
    for condition in (
        "at(some, some)",
        "at(who, some)",
        "made(some)",
        "prefix(some, some)",
        "was(some, some)",
        "was(who, some)",
    )
}
"""Mutants that allow the same runs of the protocol, each with the reason."""


@pytest.mark.parametrize("transition", forks.system().transitions)
def test_no_formula_allows_less(transition):
    alive = set(tied(forks).alive(transition, steps(), facts))
    assert alive == {name for name in WRITTEN if name.startswith(f"{transition}:")}


def test_both_proofs_have_the_same_premises_and_effects():
    one, other = (tied(proof) for proof in PROOFS)
    for transition in one.system.transitions:
        assert one.premises(transition) == other.premises(transition)
        assert [*map(str, one.mutants(transition))] == [*map(str, other.mutants(transition))]


@pytest.mark.thorough
def test_the_facts_that_show_equivalence_are_inductive():
    true = forks.system()
    both = replace(true, invariants=lambda s: {**true.invariants(s), **facts(s)}, properties=facts)
    finding = induct(both, lambda _: None)
    assert finding.verdict is Verdict.HOLDS, finding.shown


class Deaf(Game):
    """Members in a group drop what they receive."""

    def _deliver(self, operation, op, member):
        if not member.in_group:
            super()._deliver(operation, op, member)

    def _agree(self, who, op):
        pass

    def _watch(self, step, who):
        pass


def test_members_that_drop_messages_are_told():
    steps = (*SCRIPT[:10], Update("ann", 1), Confirm(1), Deliver(1, "bob"))
    run = RealHistories(forks.system(), tainted_treekem(), NAMES, steps, Deaf)
    found = {each.partition(" ")[2] for each in tied(forks).failures(run.steps)}
    assert "process: effect on at" in found


def test_a_view_that_is_no_function_of_the_former_one_is_told():
    run = RealHistories(forks.system(), tainted_treekem(), NAMES, SCRIPT[:8])
    (view, op), after = next(iter(run._applied.items()))
    run._apply(view, op, (run._hashed[op], after + 1, run._key[after, op]))
    assert run.conflicts == [(op, (view, op), after + 1)]
