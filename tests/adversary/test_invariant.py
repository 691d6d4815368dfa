"""The tree invariant on real states: a member that keeps, lacks or mixes up secrets is found."""

from dataclasses import replace

import pytest

from tests.adversary.test_judge import THREE
from ttkem.adversary import Confirm, Remove, SampleKey, TreeInvariant, Update, new_run
from ttkem.adversary.runs import RealRun
from ttkem.cgka import TreeMember, group

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def run():
    run = new_run("TTKEM", 1, "1", NAMES)
    for step in (*THREE, SampleKey("a", 2), Update("a", 1), Update("b", 2)):
        assert run.play(step).accepted
    assert run.judge().findings == ()
    return run


def objections(run, state):
    return list(TreeInvariant(run.protocol).objections(state))


def test_sound_states_have_no_objection(run):
    for member in run.game.members.values():
        assert objections(run, member.state) == []


def test_what_is_wrong_is_told(run):
    state = run.game.members["a"].state
    secrets = state.group.secrets
    kept = replace(state, group=replace(state.group, secrets=secrets.insert(5, b"x")))
    lost = replace(state, group=replace(state.group, secrets=secrets.remove(3)))
    mixed = replace(state, group=replace(state.group, secrets=secrets.insert(3, secrets[1])))
    (init,) = state.init_secrets
    init_kept = replace(state, init_secrets=state.init_secrets.insert(init, secrets[1]))
    pending = replace(state.pending[0], group=kept.group)
    assert "a holds extra secrets of nodes [5] and lacks those of []" in objections(run, kept)
    assert objections(run, lost) == ["a holds extra secrets of nodes [] and lacks those of [3]"]
    assert objections(run, mixed) == ["a holds a secret that does not match node 3"]
    assert objections(run, init_kept) == ["a holds an init secret that does not match its key"]
    assert objections(run, replace(state, pending=(pending,))) == objections(run, kept)


@pytest.mark.parametrize("protocol", ["TTKEM", "TKEM_commit"])
def test_a_tainter_that_keeps_what_it_sampled_is_caught(protocol, monkeypatch):
    real = group.author_operation

    def keep(*args):
        made = real(*args)
        kept = made.state.secrets.insert(5, made.state.secrets[3])
        return replace(made, state=replace(made.state, secrets=kept))

    monkeypatch.setattr(group, "author_operation", keep)
    run = new_run(protocol, 1, "1", NAMES)
    for step in THREE[:3]:
        run.play(step)
    assert run.over
    findings = run.judge().findings
    assert {finding.kind for finding in findings} == {"invariant"}
    assert "a holds extra secrets of nodes [5]" in findings[0].what


def test_a_blank_node_needs_no_secret():
    run = new_run("TKEM", 1, "1", NAMES)
    for step in (*THREE, Remove("b", 1, "c"), Confirm(1)):
        assert run.play(step).accepted
    assert isinstance(run, RealRun)
    member = run.game.members["b"]
    assert isinstance(member, TreeMember)
    assert len(member.state.group.secrets) < 3
    assert run.judge().findings == ()
